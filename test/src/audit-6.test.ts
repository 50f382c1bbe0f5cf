// Audit of issue 15, item 6: what is left of it: an onError that returns a promise is waited for.
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Callbacks, type OnError, ResponseThen } from "../../src/index.ts";

const endless = () => new Promise(() => {});
const fail = () => {
  throw new Error("callback failed");
};

/** Takes its time. */
function slow(events: string[]): OnError {
  return async (error) => {
    const what = (error as Error).message === "callback failed" ? "failure" : "overrun";
    events.push(`${what} begins`);
    await pause(20);
    events.push(`${what} ends`);
  };
}

// What onError returned for a step after an overrun was taken for that step's own promise, which is not waited for.
test.for<[string, Callbacks]>([
  ["throws", { completed: endless, finally: fail }],
  ["rejects", { completed: endless, finally: async () => fail() }],
])("of a finally that %s, after a member that took too long, it is waited for", async ([, callback]) => {
  const events: string[] = [];
  await new ResponseThen(null, callback, { timeout: 100, onError: slow(events) }).finished;
  expect(events.toSorted()).toEqual(["failure begins", "failure ends", "overrun begins", "overrun ends"]);
});

// A callback that throws at once: what onError returned was taken for the callback's promise, so its own overrun was
// reported to it as the callback's.
test("of a callback that throws at once it is waited for as long as the timeout, and told once", async () => {
  const reports: string[] = [];
  const onError: OnError = (error) => {
    reports.push((error as Error).message);
    return endless();
  };
  await new ResponseThen(null, fail, { timeout: 50, onError }).finished;
  expect(reports).toEqual(["callback failed"]);
});
