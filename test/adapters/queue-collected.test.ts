import { expect, test } from "vitest";
import { enqueue } from "../../adapters/cloudflare-queue.ts";
import type { Outcome } from "../../src/index.ts";
import { collectUntil } from "../collecting.ts";

// Promise.race left a reaction on the binding's promise that held the reason, and by its stack the outcome.
test("a queue that never answers keeps nothing of an outcome whose time is over", async () => {
  const sent = new Promise<void>(() => {});
  const reasons: WeakRef<Error>[] = [];
  const hand = async () => {
    const abort = new AbortController();
    let asked = () => {};
    const sending = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const send = () => {
      asked();
      return sent;
    };
    const callback = enqueue({ send }, () => "message");
    const done = callback({ type: "completed", bytes: 0 } as Outcome, { signal: abort.signal });
    const reason = new Error("The time is over");
    reasons.push(new WeakRef(reason));
    await sending;
    abort.abort(reason);
    // Not by expect(), which keeps what it was given.
    if ((await done.catch((error) => error)) !== reason) throw new Error("The wait was not given up");
  };
  for (let i = 0; i < 3; i++) await hand();
  expect(await collectUntil(() => reasons.every((reason) => reason.deref() === undefined))).toBe(true);
  expect(sent).toBeInstanceOf(Promise);
});
