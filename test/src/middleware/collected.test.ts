import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { Exchange } from "../../../src/exchange/exchange.ts";
import { compose, type FetchHandler, headers, type LogEntry, logger } from "../../../src/middleware/index.ts";
import { GET, hello } from "./lines-of.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

/** The lines of a response that nobody holds any more; none if it is never collected. */
async function linesOfDropped(answer: (handler: FetchHandler) => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const format = ({ status, type, outcome }: LogEntry) =>
    `${status} ${type} ${outcome.type === "canceled" && outcome.reason.name}`;
  await answer(compose(hello, logger({ format, sink: (line) => lines.push(line) }), headers({ a: "b" })));
  for (let i = 0; i < 100 && lines.length === 0; i++) {
    await turn();
    gc();
    await pause(1);
  }
  return lines;
}

describe("a logger does not keep the response that it waits for: one that nobody reads is logged as canceled", () => {
  test("alone", async () => {
    expect(await linesOfDropped(async (handler) => void (await handler(GET)))).toEqual(["201 canceled AbandonedError"]);
  });

  // The scope of the Hono middleware is kept by nobody but what its handler has made.
  test("in the scope of an adapter", async () => {
    const lines = await linesOfDropped(async (handler) => {
      const exchange = new Exchange({ method: "GET" }, undefined);
      exchange.handOver(await exchange.run(handler, GET));
    });
    expect(lines).toEqual(["201 canceled AbandonedError"]);
  });
});
