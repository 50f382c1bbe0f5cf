import { setImmediate as macrotask } from "node:timers/promises";
import { expect, test } from "vitest";
import { SMALL, signalsOfInfo } from "../../../src/exchange/deno.ts";

test("signalsOfInfo asks for the promise at once, once: later Deno does not make it any more", async () => {
  const events: string[] = [];
  const info = {
    get completed() {
      events.push("asked");
      return Promise.resolve();
    },
  };
  const { over } = signalsOfInfo(info);
  events.push("the request is handled");
  over?.(() => events.push("over"));
  await macrotask();
  expect(events).toEqual(["asked", "the request is handled", "over"]);
});

test.for([
  ["fulfils", () => Promise.resolve("whatever")],
  ["rejects, as for a broken HTTP/2 connection", () => Promise.reject(new Error("connection broken"))],
] as const)("over tells once, and nothing more, when the promise %s", async ([, make]) => {
  const events: unknown[] = [];
  const { over } = signalsOfInfo({ completed: make() });
  over?.(() => events.push("over"));
  events.push("asked");
  await macrotask();
  expect(events).toEqual(["asked", "over"]);
});

test("over tells nothing while Deno is not done with the response", async () => {
  const events: unknown[] = [];
  signalsOfInfo({ completed: new Promise(() => {}) }).over?.(() => events.push("over"));
  await macrotask();
  expect(events).toEqual([]);
});

test("only small fixed bodies go out unwatched: Deno is done with one before it is sent", () => {
  expect(signalsOfInfo({ completed: Promise.resolve() }).fixedLimit).toBe(SMALL);
  expect(SMALL).toBe(65_536);
});

test.for([undefined, null, {}, { completed: undefined }, "info", 1])("%o tells nothing", (info) => {
  expect(signalsOfInfo(info)).toEqual({});
});

// For a plain response nobody asks `over`, and on Deno the rejection ended the process.
test("a promise that rejects harms nobody, also where nobody asks when the response is over", async () => {
  const rejections: unknown[] = [];
  const collect = (reason: unknown) => rejections.push(reason);
  const others = process.rawListeners("unhandledRejection") as ((reason: unknown) => void)[];
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
  try {
    signalsOfInfo({ completed: Promise.reject(new Error("connection broken")) });
    await macrotask();
  } finally {
    process.off("unhandledRejection", collect);
    for (const other of others) process.on("unhandledRejection", other);
  }
  expect(rejections).toEqual([]);
});
