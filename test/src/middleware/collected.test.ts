import { describe, expect, test } from "vitest";
import { handOver } from "../../../src/hand-over.ts";
import { compose, type FetchHandler, headers, type LogEntry, logger } from "../../../src/middleware/index.ts";
import { openScope, runInScope } from "../../../src/scope.ts";
import { collectUntil } from "../../collecting.ts";
import { GET, hello } from "./lines-of.ts";

/** The lines of a response that nobody holds any more; none if it is never collected. */
async function linesOfDropped(answer: (handler: FetchHandler) => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const format = ({ status, type, outcome }: LogEntry) =>
    `${status} ${type} ${outcome.type === "canceled" && outcome.reason.name}`;
  await answer(compose(hello, logger({ format, sink: (line) => lines.push(line) }), headers({ a: "b" })));
  await collectUntil(() => lines.length > 0);
  return lines;
}

describe("a logger does not keep the response that it waits for: one that nobody reads is logged as canceled", () => {
  test("alone", async () => {
    expect(await linesOfDropped(async (handler) => void (await handler(GET)))).toEqual(["201 canceled AbandonedError"]);
  });

  // The scope of the Hono middleware is kept by nobody but what its handler has made.
  test("in the scope of an adapter", async () => {
    const lines = await linesOfDropped(async (handler) => {
      const scope = openScope();
      handOver(await runInScope(scope, false, handler, GET), { method: "GET" }, scope);
    });
    expect(lines).toEqual(["201 canceled AbandonedError"]);
  });
});
