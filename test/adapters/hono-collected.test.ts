import { Hono, type MiddlewareHandler } from "hono";
import { describe, expect, test } from "vitest";
import { logger, type Outcome, onFinished, ResponseThen, responseThen } from "../../adapters/hono.ts";
import { collectUntil } from "../collecting.ts";

/** Waits for something to be told of a response that nobody holds any more. */
async function toldOfDropped(told: unknown[], middleware: MiddlewareHandler, add: (outcome: Outcome) => void) {
  const app = new Hono();
  app.use(middleware);
  app.get("/", () => new ResponseThen("Hello", add));
  await app.request("/");
  await collectUntil(() => told.length > 0);
}

// Each of them was kept for ever: by the context of its request, which led to its scope, and by the closure of a callback.
describe("a response that nobody reads is told as canceled when it is collected", () => {
  test("under responseThen()", async () => {
    const told: string[] = [];
    await toldOfDropped(told, responseThen(), ({ type }) => void told.push(type));
    expect(told).toEqual(["canceled"]);
  });

  test("under responseThen(callback)", async () => {
    const told: string[] = [];
    const middleware = responseThen(({ type }) => void told.push(type));
    await toldOfDropped(told, middleware, () => {});
    expect(told).toEqual(["canceled"]);
  });

  test("with a callback of onFinished that refers to nothing of the request", async () => {
    const told: string[] = [];
    const callback = ({ type }: Outcome) => void told.push(type);
    const add: MiddlewareHandler = (c, next) => {
      onFinished(c, callback);
      return next();
    };
    const outer = responseThen();
    await toldOfDropped(
      told,
      (c, next) => outer(c, () => add(c, next) as Promise<void>),
      () => {},
    );
    expect(told).toEqual(["canceled"]);
  });

  test("under logger()", async () => {
    const lines: string[] = [];
    await toldOfDropped(
      lines,
      logger((line) => void (line.startsWith("-->") && lines.push(line))),
      () => {},
    );
    expect(lines).toEqual([expect.stringMatching(/^--> GET \/ 200 \d+(ms|s) 0 bytes canceled$/)]);
  });
});
