// An onError that returns a promise is a part of its callback (issue 15).
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Callbacks, drain, type OnError, ResponseThen, responseFinished } from "../../../src/index.ts";

const endless = () => new Promise(() => {});
const fail = () => {
  throw new Error("callback failed");
};

/** Every way in which a callback fails. */
const failures: [string, Callbacks][] = [
  ["that throws", fail],
  ["that rejects at once", async () => fail()],
  ["that rejects later", () => pause(5).then(fail)],
  ["that takes too long", endless],
  ["whose member throws", { completed: fail }],
  ["whose finally throws", { finally: fail }],
  ["whose finally rejects", { finally: async () => fail() }],
  ["whose members both reject", { completed: async () => fail(), finally: async () => fail() }],
];

/** Takes its time. */
function slow(events: string[]): OnError {
  let calls = 0;
  return async () => {
    const call = ++calls;
    events.push(`${call} begins`);
    await pause(20);
    events.push(`${call} ends`);
  };
}

const balanced = (events: readonly string[]) =>
  events.filter((event) => event.endsWith("begins")).length === events.filter((event) => event.endsWith("ends")).length;

describe("an onError that returns a promise is waited for", () => {
  describe.each(failures)("of a callback %s", (_, callback) => {
    test("by finished", async () => {
      const events: string[] = [];
      await new ResponseThen(null, callback, { timeout: 200, onError: slow(events) }).finished;
      expect(events).toContain("1 ends");
      expect(balanced(events), `${events}`).toBe(true);
    });

    test("by waitUntil", async () => {
      const events: string[] = [];
      const waited: Promise<unknown>[] = [];
      const waitUntil = (promise: Promise<unknown>) => void waited.push(promise);
      void new ResponseThen(null, callback, { timeout: 200, onError: slow(events), waitUntil });
      await Promise.all(waited);
      expect([waited.length, events.includes("1 ends"), balanced(events)]).toEqual([1, true, true]);
    });

    test("by drain()", async () => {
      const events: string[] = [];
      void new ResponseThen(null, callback, { timeout: 200, onError: slow(events) });
      expect(await drain({ timeout: 2_000 })).toEqual({ settled: 1, pending: 0 });
      expect([events.includes("1 ends"), balanced(events)]).toEqual([true, true]);
    });
  });

  test("also of a callback that was added late, and of a listener", async () => {
    const events: string[] = [];
    const response = new ResponseThen(null, () => {}, { timeout: 200, onError: slow(events) });
    await response.finished;
    response.onFinished(async () => fail());
    await drain({ timeout: 2_000 });
    expect(events).toEqual(["1 begins", "1 ends"]);
    const unsubscribe = responseFinished.subscribe(fail);
    await new ResponseThen(null, () => {}, { timeout: 200, onError: slow(events) }).finished;
    unsubscribe();
    expect(events).toEqual(["1 begins", "1 ends", "1 begins", "1 ends"]);
  });

  test("before finally starts", async () => {
    const events: string[] = [];
    const callback = { completed: fail, finally: () => void events.push("finally") };
    await new ResponseThen(null, callback, { onError: slow(events) }).finished;
    expect(events).toEqual(["1 begins", "1 ends", "finally"]);
  });

  test.for(failures.slice(1, 3))(
    "no longer than the callback's timeout, and then nobody is told once more: of a callback %s",
    async ([, callback]) => {
      const reports: string[] = [];
      const onError: OnError = (error) => {
        reports.push((error as Error).message);
        return endless();
      };
      const begun = performance.now();
      await new ResponseThen(null, callback, { timeout: 50, onError }).finished;
      expect(performance.now() - begun).toBeGreaterThan(40);
      expect(reports).toEqual(["callback failed"]);
    },
  );

  test("by drain() no longer than its own timeout", async () => {
    const response = new ResponseThen(null, async () => fail(), { timeout: 60_000, onError: endless });
    const begun = performance.now();
    expect(await drain({ timeout: 50 })).toEqual({ settled: 0, pending: 1 });
    expect(performance.now() - begun).toBeLessThan(5_000);
    void response;
  });
});

/** As slow, and says which failure it is told. */
function named(events: string[]): OnError {
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
  await new ResponseThen(null, callback, { timeout: 100, onError: named(events) }).finished;
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
