// Audit of issue 15, item 7: drain() decides in the turn in which the last response settles, and looks once more before it
// says so. A response that was built a few microtasks later was told as pending, and not waited for.
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { drain, ResponseThen } from "../../src/index.ts";

async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await null;
}

test.for([0, 1, 2, 3, 4])(
  "drain() waits for a response that is built %i microtasks after the last one has settled",
  async (count) => {
    const first = new ResponseThen(null, () => {});
    const events: string[] = [];
    const built = first.finished.then(async () => {
      await microtasks(count);
      const second = new ResponseThen("text", () => void events.push("second told"));
      await pause(20);
      await second.text();
      await second.finished;
    });
    const result = await drain({ timeout: 2_000 });
    events.push("drained");
    await built;
    expect(events).toEqual(["second told", "drained"]);
    expect(result).toEqual({ settled: 2, pending: 0 });
  },
);

test("what it says is of one moment: with nothing pending when it returns, nothing is", async () => {
  const first = new ResponseThen(null, () => {});
  const results = await Promise.all([drain({ timeout: 2_000 }), drain({ timeout: 2_000 }), first.finished]);
  expect(results.slice(0, 2)).toEqual([
    { settled: 1, pending: 0 },
    { settled: 1, pending: 0 },
  ]);
});
