// What a request of `/<way>/logged/<route>` passes: two loggers, with changes of headers between them.
import { compose, type FetchHandler, headers, logger, type Middleware } from "../../../src/middleware/index.ts";
import { note } from "./records.ts";

/** Notes each line under the id that is in it. */
const sinkOf = (name: string) => (line: string) =>
  note(/[?&]id=([^&\s"]+)/.exec(line)?.[1] ?? "", "line", { name, line });

/** The first is the outermost. */
export const loggers: readonly Middleware[] = [
  logger({ format: "json", sink: sinkOf("outer") }),
  headers({ "x-old": "2", "x-new": "3", "x-gone": null }),
  logger({ sink: sinkOf("inner") }),
];

export const logged = (handler: FetchHandler): FetchHandler => compose(handler, ...loggers);
