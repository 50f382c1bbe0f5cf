// What clients do.
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Call } from "./client.ts";
import { callbacksIn, type Visit } from "./visit.ts";

/** Reads the answer to its end. */
export const readToEnd =
  (length: number, status = 200) =>
  async (call: Call) => {
    expect(await call.status()).toBe(status);
    expect((await call.readAll()).byteLength).toBe(length);
  };

/** Sees the body end before its time. */
export const isCut = async (call: Call) => {
  await expect(call.readAll()).rejects.toThrow();
};

/** Fastify waits for the first byte, and says 500 where there is none. */
export const isCutOr500 = async (call: Call) => {
  const status = await call.readAll().then(
    () => call.status(),
    () => 500,
  );
  expect(status).toBe(500);
};

/** Resets once it has read some. */
export const resetAfter = (size: number) => async (call: Call) => {
  await call.readAtLeast(size);
  await pause(50);
  call.reset();
};

/** Says that it sends no more, and reads on. */
export const halfClose = async (call: Call) => {
  await call.readAtLeast(1_500);
  await pause(50);
  call.socket.end();
  call.readAll().catch(() => {});
};

/** What fits into the buffers of the operating system ends without its client. */
export const leaveUnread = async (call: Call, visit: Visit) => {
  expect(await visit.until((events) => callbacksIn(events).length > 0)).toBe(true);
  call.reset();
};

/** Leaves while the handler is at work, which answers after that. */
export const leaveBefore = async (call: Call, visit: Visit) => {
  await visit.until((events) => events.some(({ at }) => at === "handler"));
  call.reset();
  // A server that answers these has seen what came before them.
  for (let i = 0; i < 3; i++) await visit.events();
  await visit.ask("release");
};

/** Gets the answer that the server makes of a throw. */
export const sees500 = async (call: Call) => {
  expect(await call.status()).toBe(500);
};
