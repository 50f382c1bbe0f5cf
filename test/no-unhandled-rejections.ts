// Runs in every test file: whatever its tests do to callbacks and sources, no rejection is left unhandled.
import { setImmediate as macrotask } from "node:timers/promises";
import { afterAll, expect } from "vitest";

const unhandled: unknown[] = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));

afterAll(async () => {
  await macrotask();
  expect(unhandled).toEqual([]);
});
