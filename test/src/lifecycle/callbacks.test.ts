import { setImmediate as macrotask, setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { READ_ON } from "../../../src/expected.ts";
import { ResponseThen } from "../../../src/index.ts";
import { type CallbackContext, type Callbacks, type OnError, toSteps } from "../../../src/lifecycle/callbacks.ts";
import type { Outcome } from "../../../src/lifecycle/outcome.ts";
import { abortRunning, runSteps } from "../../../src/lifecycle/run.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const facts = {
  response: new Response(null),
  bytes: 0,
  chunks: 0,
  startTime: 0,
  duration: 0,
  observed: "pulled",
} as const;
const completed: Outcome = { ...facts, type: "completed" };
const canceled: Outcome = { ...facts, type: "canceled", reason: new Error("left"), released: true, phase: "mid-body" };
const errored: Outcome = { ...facts, type: "errored", error: "broken", phase: "mid-body" };

interface RunOptions {
  readonly outcome?: Outcome;
  readonly timeout?: number;
  readonly onError?: OnError;
}

/** Runs callbacks as a response does: all start in order, none waits for another. */
async function run(callbacks: Callbacks, { outcome = completed, timeout = 1_000, onError }: RunOptions = {}) {
  await Promise.all(toSteps(callbacks).map((steps) => runSteps(steps, outcome, timeout, onError)));
}

function deferred() {
  let resolve = () => {};
  let reject = (_: unknown) => {};
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

const endless = () => new Promise(() => {});

describe("the shapes of a callback", () => {
  test("a function gets the outcome and a signal that has not aborted", async () => {
    const events: unknown[] = [];
    await run((outcome, { signal }) => events.push(outcome, signal instanceof AbortSignal, signal.aborted));
    expect(events).toEqual([completed, true, false]);
  });

  test.for([completed, canceled, errored])("an object runs its member for $type, then finally", async (outcome) => {
    const events: unknown[] = [];
    const callback = {
      completed: (told: Outcome) => events.push(["completed", told]),
      canceled: (told: Outcome) => events.push(["canceled", told]),
      errored: (told: Outcome) => events.push(["errored", told]),
      finally: (told: Outcome) => events.push(["finally", told]),
    };
    await run(callback, { outcome });
    expect(events).toEqual([
      [outcome.type, outcome],
      ["finally", outcome],
    ]);
  });

  test("an object without a member for the outcome runs only finally", async () => {
    const events: string[] = [];
    await run({ errored: () => events.push("errored"), finally: () => events.push("finally") });
    expect(events).toEqual(["finally"]);
  });

  test("both members of an object share one signal", async () => {
    const signals: AbortSignal[] = [];
    await run({ completed: (_, { signal }) => signals.push(signal), finally: (_, { signal }) => signals.push(signal) });
    expect(signals).toHaveLength(2);
    expect(signals[0]).toBe(signals[1]);
  });

  // Guards against copying the functions out of the object, which loses `this` and what the class inherits.
  test("methods on a class's prototype are found and called on their object", async () => {
    class Log {
      readonly lines: string[] = [];
      completed({ type }: Outcome) {
        this.lines.push(type);
      }
      finally() {
        this.lines.push("finally");
      }
    }
    class NamedLog extends Log {}
    const log = new NamedLog();
    await run(log);
    expect(log.lines).toEqual(["completed", "finally"]);
  });

  test("an array mixes functions and objects, and an empty one is no callback", async () => {
    const events: string[] = [];
    await run([() => events.push("function"), { completed: () => events.push("object") }]);
    expect(events).toEqual(["function", "object"]);
    expect(toSteps([])).toEqual([]);
  });

  test.for([
    ["undefined", undefined, "Undefined"],
    ["null", null, "Null"],
    ["a string", "log", "string log"],
    ["a number", 3, "number 3"],
    ["a promise", Promise.resolve(), "Promise"],
    ["an object without a known member", { complete() {} }, "Object"],
    ["an object with a member that is no function", { completed() {}, finally: 1 }, "Object"],
    ["a Response, as when the arguments are swapped", new Response(null), "Response"],
    ["an array in an array", [[() => {}]], "Array"],
    ["an array with a hole filled by undefined", [() => {}, undefined], "Undefined"],
  ] as const)("%s is no callback, and the TypeError says what was expected and what came", ([, given, tag]) => {
    const take = () => toSteps(given as unknown as Callbacks);
    expect(take).toThrow(TypeError);
    expect(take).toThrow(
      `callback: expected a function, or an object of functions completed,canceled,errored,finally, or an array of these, got ${tag}`,
    );
  });
});

describe("the order of callbacks", () => {
  test("all start in the order of the array before any has settled, and settle as they like", async () => {
    const events: string[] = [];
    const first = deferred();
    const second = deferred();
    const ran = run([
      async () => {
        events.push("first starts");
        await first.promise;
        events.push("first settles");
      },
      async () => {
        events.push("second starts");
        await second.promise;
        events.push("second settles");
        first.resolve();
      },
      () => events.push("third starts"),
    ]).then(() => events.push("all have settled"));
    events.push("called");
    second.resolve();
    await ran;
    expect(events).toEqual([
      "first starts",
      "second starts",
      "third starts",
      "called",
      "second settles",
      "first settles",
      "all have settled",
    ]);
  });

  test("callbacks of the constructor start before those of onFinished, in the order they were added", async () => {
    const events: string[] = [];
    const response = new ResponseThen("data", [() => events.push("a"), { completed: () => events.push("b") }]);
    response.onFinished(async () => void events.push("c")).onFinished(() => events.push("d"));
    await response.text();
    await response.finished;
    expect(events).toEqual(["a", "b", "c", "d"]);
  });

  test("finally starts when the promise of the member before it has settled", async () => {
    const events: string[] = [];
    const member = deferred();
    const ran = run({
      completed: async () => {
        events.push("completed starts");
        await member.promise;
        events.push("completed settles");
      },
      finally: () => events.push("finally"),
    });
    await macrotask();
    events.push("a macrotask later");
    member.resolve();
    await ran;
    expect(events).toEqual(["completed starts", "a macrotask later", "completed settles", "finally"]);
  });
});

describe("a callback that fails", () => {
  const failure = new Error("failed");
  const throwing = () => {
    throw failure;
  };

  test.for([
    ["throws", throwing],
    ["rejects", () => Promise.reject(failure)],
    [
      "returns a thenable whose then throws",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a hostile thenable
        then: throwing,
      }),
    ],
    [
      "returns an object whose then cannot be read",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a hostile thenable
        get then() {
          throw failure;
        },
      }),
    ],
    [
      "returns a thenable that rejects, fulfils and throws",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a hostile thenable
        then(fulfil: () => void, reject: (reason: unknown) => void) {
          reject(failure);
          fulfil();
          reject(new Error("again"));
          throw new Error("once more");
        },
      }),
    ],
  ] as const)("that %s is reported exactly once to onError, with the outcome", async ([, callback]) => {
    const log = vi.spyOn(console, "error");
    const events: unknown[] = [];
    await run(callback, { outcome: errored, onError: (error, outcome) => events.push([error, outcome]) });
    await macrotask();
    expect(events).toEqual([[failure, errored]]);
    expect((events as [unknown, unknown][])[0]?.[0]).toBe(failure);
    expect(log).not.toHaveBeenCalled();
  });

  test("and that never settles is reported exactly once, as a TimeoutError", async () => {
    const events: unknown[] = [];
    await run(endless, { timeout: 5, onError: (error, outcome) => events.push([(error as Error).name, outcome]) });
    expect(events).toEqual([["TimeoutError", completed]]);
  });

  test("is reported to console.error where there is no onError, once and with the outcome", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    await run(() => Promise.reject(failure), { outcome: canceled });
    expect(log.mock.calls).toEqual([[`response-then: a callback failed${READ_ON}`, failure, canceled]]);
  });

  test("stops no other callback", async () => {
    const events: unknown[] = [];
    await run([throwing, () => Promise.reject(failure), () => events.push("third runs")], {
      onError: () => events.push("reported"),
    });
    expect([...events].sort()).toEqual(["reported", "reported", "third runs"]);
  });

  test("is followed by its finally, whether it threw, rejected or took too long", async () => {
    const events: string[] = [];
    const onError = (error: unknown) => events.push((error as Error).message);
    const last = { finally: () => events.push("finally") };
    await run({ completed: throwing, ...last }, { onError });
    await run({ completed: () => Promise.reject(failure), ...last }, { onError });
    await run({ completed: endless, ...last }, { onError, timeout: 5 });
    const overrun = `A callback took longer than the timeout of 5 ms${READ_ON}`;
    expect(events).toEqual(["failed", "finally", "failed", "finally", overrun, "finally"]);
  });

  test("in both members of an object is reported twice, in order", async () => {
    const events: unknown[] = [];
    const second = new Error("finally failed");
    await run(
      { completed: throwing, finally: () => Promise.reject(second) },
      { onError: (error) => events.push(error) },
    );
    expect(events).toEqual([failure, second]);
  });

  test("may throw undefined, and that is reported too", async () => {
    const events: unknown[] = [];
    await run(() => Promise.reject(undefined), { onError: (error) => events.push(["reported", error]) });
    expect(events).toEqual([["reported", undefined]]);
  });
});

describe("an onError that fails", () => {
  const failure = new Error("callback failed");
  const complaint = new Error("onError failed");

  test.for([
    [
      "throws",
      () => {
        throw complaint;
      },
    ],
    ["rejects", () => Promise.reject(complaint)],
  ] as const)("that %s leaves both failures to console.error", async ([, onError]) => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    await run(() => Promise.reject(failure), { onError });
    await macrotask();
    expect(log.mock.calls.map(([, error, outcome]) => [error, outcome])).toEqual([
      [complaint, completed],
      [failure, completed],
    ]);
  });

  test("does not keep finally or the other callbacks from running", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const events: string[] = [];
    const onError = () => {
      throw complaint;
    };
    await run(
      [{ completed: () => Promise.reject(failure), finally: () => events.push("finally") }, () => events.push("other")],
      {
        onError,
      },
    );
    expect(events).toEqual(["other", "finally"]);
  });

  test("is not waited for", async () => {
    await expect(run(() => Promise.reject(failure), { onError: endless })).resolves.toBeUndefined();
  });

  // Node's console inspects what it prints, and runs the error's own code for that.
  test("with a console.error that throws as well harms nobody", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {
      throw new Error("console failed");
    });
    const rejections: unknown[] = [];
    const collect = (reason: unknown) => rejections.push(reason);
    const others = process.rawListeners("unhandledRejection") as ((reason: unknown) => void)[];
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
    try {
      await run(() => Promise.reject(failure));
      await macrotask();
    } finally {
      process.off("unhandledRejection", collect);
      for (const other of others) process.on("unhandledRejection", other);
    }
    expect(rejections).toEqual([]);
  });
});

describe("the timeout of a callback", () => {
  test("aborts the signal with the TimeoutError that is reported", async () => {
    const events: unknown[] = [];
    let reason: unknown;
    const waiting = (_: Outcome, { signal }: CallbackContext) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
        events.push("aborted");
      });
      return endless();
    };
    await run(waiting, { timeout: 5, onError: (error) => events.push(error) });
    expect(events).toEqual(["aborted", reason]);
    expect(reason).toBeInstanceOf(Error);
    expect(reason).toMatchObject({
      name: "TimeoutError",
      message: `A callback took longer than the timeout of 5 ms${READ_ON}`,
    });
  });

  test("is over for good: what the late promise does is neither reported nor unhandled", async () => {
    const events: unknown[] = [];
    const late = deferred();
    await run(() => late.promise, { timeout: 5, onError: (error) => events.push((error as Error).name) });
    late.reject(new Error("late"));
    await macrotask();
    expect(events).toEqual(["TimeoutError"]);
  });

  // Guards against the one rejected promise of the budget failing every later step that returns a promise.
  test("is reported once for an object, also when its finally, started too late, still waits for something", async () => {
    const events: unknown[] = [];
    const callback = {
      completed: endless,
      async finally() {
        events.push("finally starts");
        await macrotask();
        events.push("finally settles");
      },
    };
    await run(callback, { timeout: 5, onError: (error) => events.push((error as Error).name) });
    await macrotask();
    await macrotask();
    expect([...events].sort()).toEqual(["TimeoutError", "finally settles", "finally starts"]);
  });

  test("of one callback leaves the signal of another alone", async () => {
    const events: unknown[] = [];
    const quick = deferred();
    let other: AbortSignal | undefined;
    const ran = run(
      [
        endless,
        (_, { signal }) => {
          other = signal;
          return quick.promise;
        },
      ],
      { timeout: 20, onError: () => events.push("reported") },
    );
    quick.resolve();
    await ran;
    expect([events, other?.aborted]).toEqual([["reported"], false]);
  });

  // Guards against 2^31 ms overflowing, which fires at once.
  test.for([Number.POSITIVE_INFINITY, 2 ** 31])(
    "of %d ms sets no timer, and the callback is waited for",
    async (timeout) => {
      const timers = vi.spyOn(globalThis, "setTimeout");
      const events: unknown[] = [];
      const waiting = deferred();
      const ran = run(() => waiting.promise, { timeout, onError: (error) => events.push(error) }).then(() =>
        events.push("settled"),
      );
      await macrotask();
      events.push("still waiting");
      waiting.resolve();
      await ran;
      expect(events).toEqual(["still waiting", "settled"]);
      expect(timers).not.toHaveBeenCalled();
    },
  );

  test("of 2^31 - 1 ms, the longest there is, sets its timer and clears it", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    await run(async () => {}, { timeout: 2 ** 31 - 1 });
    expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([2 ** 31 - 1]);
    expect(cleared).toHaveBeenCalledWith(timers.mock.results[0]?.value);
  });

  test("costs a synchronous callback no timer, and an object with two promises one", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    await run([() => "done", () => null, { completed: () => ({}), finally: () => undefined }]);
    expect(timers).toHaveBeenCalledTimes(0);
    await run({ completed: async () => {}, finally: async () => {} });
    expect(timers).toHaveBeenCalledTimes(1);
  });
});

describe("abortRunning", () => {
  test("aborts what runs, names the limit, and leaves alone what has settled", async () => {
    const events: unknown[] = [];
    let settled: AbortSignal | undefined;
    await run((_, { signal }) => {
      settled = signal;
    });
    const ran = run((_, { signal }) => endless().finally(() => signal), { onError: (error) => events.push(error) });
    abortRunning("drain of 8 ms");
    await ran;
    expect(events).toMatchObject([
      { name: "TimeoutError", message: `A callback took longer than the drain of 8 ms${READ_ON}` },
    ]);
    expect(settled?.aborted).toBe(false);
  });
});

test("the signal is made when it is read, and is nobody else's", async () => {
  const made = vi.spyOn(globalThis, "AbortController");
  const signals: AbortSignal[] = [];
  const read = (_: Outcome, context: CallbackContext) => void signals.push(context.signal, context.signal);
  await run([() => {}, () => {}]);
  expect(made).toHaveBeenCalledTimes(0);
  await run([read, read]);
  expect(made).toHaveBeenCalledTimes(2);
  expect(new Set(signals).size).toBe(2);
});

// It was told by the number of a callback's parameters whether one was wanted: `...args` are none, and shared one.
test("a callback that takes ...args, or its arguments, gets a signal of its own", async () => {
  const signals: AbortSignal[] = [];
  const rest = (...args: [Outcome, CallbackContext]) => void signals.push(args[1].signal);
  await run([
    rest,
    rest,
    function (this: unknown) {
      // biome-ignore lint/complexity/noArguments: it is what is tested
      signals.push((arguments[1] as CallbackContext).signal);
    },
  ]);
  expect([signals.length, new Set(signals).size]).toEqual([3, 3]);
});

test("a signal that is read when the time is over has aborted", async () => {
  let context: CallbackContext | undefined;
  const hang = (_: Outcome, given: CallbackContext) => {
    context = given;
    return endless();
  };
  await run(hang, { timeout: 5, onError: () => {} });
  expect(context?.signal).toMatchObject({ aborted: true, reason: { name: "TimeoutError" } });
});

// It was asked by its own `then`, and each time that this called back was a report.
describe("a thenable that fails in finally, after an overrun, is reported once", () => {
  test.for<[string, (reject: (error: Error) => void) => void]>([
    [
      "that rejects twice",
      (reject) => {
        reject(new Error("first"));
        reject(new Error("second"));
      },
    ],
    [
      "that rejects and throws",
      (reject) => {
        reject(new Error("first"));
        throw new Error("second");
      },
    ],
  ])("%s", async ([, fail]) => {
    const reports: string[] = [];
    const callback = {
      completed: endless,
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      finally: () => ({ then: (_: unknown, reject: (error: Error) => void) => fail(reject) }),
    };
    const onError = (error: unknown) => void reports.push((error as Error).message);
    const { finished } = new ResponseThen(null, callback, { timeout: 5, onError });
    await finished;
    await pause(5);
    expect(reports).toEqual([expect.stringContaining("timeout of 5 ms"), "first"]);
  });
});
