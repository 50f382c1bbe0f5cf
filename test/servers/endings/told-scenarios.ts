import { leaveBefore, readToEnd, resetAfter, sees500 } from "./acts.ts";
import type { Scenario } from "./scenario.ts";
import { CANCELED, COMPLETED_SMALL, NO_BODY } from "./usual-words.ts";
import { words } from "./words.ts";

/** The callback that is given to `withResponseThen` or to the middleware: it runs after every response. */
export const toldScenarios: readonly Scenario[] = [
  {
    text: "its callback, after a plain response",
    route: "plain",
    total: 12,
    name: "adapter",
    act: readToEnd(12),
    told: { node: "completed, flushed", bun: "completed, pulled", deno: "completed, pulled" },
  },
  {
    text: "its callback, after `HEAD` on a plain response",
    route: "plain",
    method: "HEAD",
    total: 0,
    name: "adapter",
    act: readToEnd(0),
    told: NO_BODY,
  },
  {
    text: "its callback, after a `ResponseThen`",
    route: "string",
    total: 12,
    name: "adapter",
    beside: ["own"],
    act: readToEnd(12),
    told: COMPLETED_SMALL,
  },
  {
    text: "its callback, reset while data flows",
    route: "flowing",
    name: "adapter",
    beside: ["own"],
    cancels: 1,
    act: resetAfter(1_500),
    told: CANCELED,
  },
  {
    text: "its callback, client gone before the handler answers with a plain response",
    route: "waits-plain",
    total: 12,
    name: "adapter",
    act: leaveBefore,
    told: words("", "canceled before-body, handed-over", undefined, "canceled mid-body, pulled, 12 bytes"),
  },
  {
    text: "its callback, the handler throws",
    route: "throws-early",
    status: 500,
    name: "adapter",
    act: sees500,
    told: "errored before-body, handed-over",
  },
  {
    text: "its callback, the handler throws after it built a response",
    route: "throws-async",
    status: 500,
    name: "adapter",
    beside: ["own"],
    act: sees500,
    told: "errored before-body, handed-over",
  },
];
