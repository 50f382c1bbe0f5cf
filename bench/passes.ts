import { setTimeout as pause } from "node:timers/promises";

/** Waits until an assertion holds, for what comes a little later; rejects with its error when that takes too long. */
export async function passes(check: () => Promise<void>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      return await check();
    } catch {
      await pause(20);
    }
  }
  await check();
}
