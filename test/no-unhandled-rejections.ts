// Runs in every test file: whatever its tests do to callbacks and sources, no rejection is left unhandled.
import { setImmediate as macrotask } from "node:timers/promises";
import { afterAll, expect, vi } from "vitest";

// Files may share a process, but not what the library counts in it: what another file left in flight is not theirs.
vi.resetModules();

const unhandled: unknown[] = [];
const note = (reason: unknown): void => void unhandled.push(reason);
process.on("unhandledRejection", note);

afterAll(async () => {
  await macrotask();
  // Files may share a process: each listens for itself.
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});
