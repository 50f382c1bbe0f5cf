import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { READ_ON } from "../../../src/expected.ts";
import { type Callbacks, drain, type Outcome, ResponseThen, responseFinished } from "../../../src/index.ts";

const subscriptions: (() => void)[] = [];
afterEach(() => {
  for (const unsubscribe of subscriptions.splice(0)) unsubscribe();
  vi.restoreAllMocks();
});

/** Subscribes for one test. */
function listen(listener: Callbacks): () => void {
  const unsubscribe = responseFinished.subscribe(listener);
  subscriptions.push(unsubscribe);
  return unsubscribe;
}

async function end(callback: Callbacks = [], options = {}): Promise<Outcome> {
  return new ResponseThen(null, callback, options).finished;
}

describe("responseFinished", () => {
  test("calls a listener once for every response, with the outcome that callbacks and finished have", async () => {
    const events: unknown[] = [];
    listen((outcome) => events.push(outcome));
    const read = new ResponseThen("data", () => {});
    await read.text();
    const left = new ResponseThen("data", () => {});
    await left.body?.cancel();
    const outcomes = [await read.finished, await left.finished, await end()];
    expect(events).toHaveLength(3);
    expect(new Set(events)).toEqual(new Set(outcomes));
    expect(outcomes.map(({ type }) => type)).toEqual(["completed", "canceled", "completed"]);
  });

  test("has the response in hand", async () => {
    const events: unknown[] = [];
    listen(({ response }) => events.push(response));
    const response = new ResponseThen(null, () => {});
    await response.finished;
    expect(events).toHaveLength(1);
    expect(events[0]).toBe(response);
  });

  test("calls listeners after the response's own callbacks have settled, in the order of their subscription", async () => {
    const events: string[] = [];
    listen(() => events.push("first listener"));
    listen(() => events.push("second listener"));
    const finished = end([
      async () => {
        events.push("callback starts");
        await macrotask();
        events.push("callback settles");
      },
      () => events.push("other callback"),
    ]).then(() => events.push("finished"));
    await finished;
    expect(events).toEqual([
      "callback starts",
      "other callback",
      "callback settles",
      "first listener",
      "second listener",
      "finished",
    ]);
  });

  test("makes finished and drain() wait for what a listener does", async () => {
    const events: unknown[] = [];
    listen(async () => {
      await macrotask();
      events.push("listener settles");
    });
    const finished = end().then(() => events.push("finished"));
    events.push(await drain());
    await finished;
    expect(events).toEqual(["listener settles", "finished", { settled: 1, pending: 0 }]);
  });

  test("reports a failing listener to the response's onError once, and calls the others", async () => {
    const events: unknown[] = [];
    listen(() => {
      throw new Error("throws");
    });
    listen(() => Promise.reject(new Error("rejects")));
    listen(() => events.push("third listener"));
    const onError = (error: Error, { type }: Outcome) => events.push([error.message, type]);
    await end([], { onError });
    expect(events).toEqual([["throws", "completed"], "third listener", ["rejects", "completed"]]);
  });

  test("reports a failing listener to console.error where the response has no onError", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const failure = new Error("failed");
    listen(() => Promise.reject(failure));
    const outcome = await end();
    expect(log.mock.calls).toEqual([[`response-then: a callback failed${READ_ON}`, failure, outcome]]);
  });

  test("gives an endless listener the response's timeout", async () => {
    const events: unknown[] = [];
    listen((_, { signal }) => {
      signal.addEventListener("abort", () => events.push("aborted"));
      return new Promise(() => {});
    });
    await end([], { timeout: 5, onError: (error: Error) => events.push(error.name) });
    expect(events).toEqual(["aborted", "TimeoutError"]);
  });

  test("takes an object with a member per outcome, called on its object, and an array", async () => {
    const events: unknown[] = [];
    class Counter {
      readonly name = "counter";
      completed({ type }: Outcome) {
        events.push([this.name, type]);
      }
      finally() {
        events.push([this.name, "finally"]);
      }
    }
    listen(new Counter());
    listen([() => events.push("in an array"), { canceled: () => events.push("never") }]);
    await end();
    expect(events).toEqual([["counter", "completed"], ["counter", "finally"], "in an array"]);
  });

  test.for([undefined, null, "log", {}, [null]] as const)(
    "throws a TypeError for %o, and subscribes nothing",
    (bad) => {
      const call = () => listen(bad as unknown as Callbacks);
      expect(call).toThrow(TypeError);
      expect(call).toThrow(/^callback: expected a function, or an object of functions .*, or an array of these, got /);
    },
  );
});

describe("unsubscribe", () => {
  test("ends the subscription, also when it is called twice", async () => {
    const events: string[] = [];
    const unsubscribe = listen(() => events.push("gone"));
    listen(() => events.push("stays"));
    unsubscribe();
    unsubscribe();
    await end();
    expect(events).toEqual(["stays"]);
  });

  test("ends one of two subscriptions of the same function", async () => {
    const events: string[] = [];
    const listener = () => events.push("called");
    const unsubscribe = listen(listener);
    listen(listener);
    await end();
    unsubscribe();
    await end();
    expect(events).toEqual(["called", "called", "called"]);
  });

  test("of all members of an array ends them all", async () => {
    const events: string[] = [];
    const unsubscribe = listen([() => events.push("first"), () => events.push("second")]);
    unsubscribe();
    await end();
    expect(events).toEqual([]);
  });

  test("from a listener holds from the next response on", async () => {
    const events: string[] = [];
    const unsubscribe = listen(() => {
      events.push("once");
      unsubscribe();
    });
    listen(() => events.push("always"));
    await end();
    await end();
    expect(events).toEqual(["once", "always", "always"]);
  });
});
