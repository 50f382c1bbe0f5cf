import { setImmediate as macrotask, setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { READ_ON } from "../../../src/expected.ts";
import { drain, ResponseThen } from "../../../src/index.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  // What one test leaves in flight would be counted by the next.
  expect(await drain({ timeout: 5_000 })).toMatchObject({ pending: 0 });
});

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe("drain", () => {
  test("with nothing in flight returns at once, and leaves no timer behind", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const events: unknown[] = [];
    setImmediate(() => events.push("macrotask"));
    events.push(await drain());
    expect(events).toEqual([{ settled: 0, pending: 0 }]);
    expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([10_000]);
    expect(cleared).toHaveBeenCalledWith(timers.mock.results[0]?.value);
    await macrotask();
  });

  test("waits for open responses and for callbacks, and counts those that settled meanwhile", async () => {
    const events: unknown[] = [];
    const read = new ResponseThen("data", async () => {
      events.push("callback starts");
      await macrotask();
      events.push("callback settles");
    });
    const empty = new ResponseThen(null, () => {});
    const left = new ResponseThen("nobody reads this", () => Promise.reject(new Error("failed")), { onError() {} });
    const drained = drain().then((result) => events.push(result));
    await read.text();
    await left.body?.cancel();
    events.push("all have ended");
    await drained;
    expect(events).toEqual(["all have ended", "callback starts", "callback settles", { settled: 3, pending: 0 }]);
    await empty.finished;
  });

  test("does not count what had settled before the call", async () => {
    await new ResponseThen(null, () => {}).finished;
    const later = new ResponseThen(null, () => {});
    expect(await drain()).toEqual({ settled: 1, pending: 0 });
    await later.finished;
  });

  test("waits for responses that begin meanwhile", async () => {
    const events: unknown[] = [];
    new ResponseThen(null, () => {
      events.push("first");
      new ResponseThen(null, async () => {
        await macrotask();
        events.push("second");
        new ResponseThen(null, () => events.push("third"));
      });
    });
    events.push(await drain());
    expect(events).toEqual(["first", "second", "third", { settled: 3, pending: 0 }]);
  });

  test("waits for a callback that was added after its response had finished", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen(null, () => {});
    await response.finished;
    response.onFinished(async () => {
      await macrotask();
      events.push("added");
    });
    events.push(await drain());
    expect(events).toEqual(["added", { settled: 1, pending: 0 }]);
  });

  test("counts callbacks that were added late and run at the same time as one, and waits for the slowest", async () => {
    const events: unknown[] = [];
    const gate = deferred();
    const response = new ResponseThen(null, () => {});
    await response.finished;
    response.onFinished(() => gate.promise);
    response.onFinished(() => events.push("quick"));
    const drained = drain().then((result) => events.push(result));
    await macrotask();
    events.push("gate opens");
    gate.resolve();
    await drained;
    expect(events).toEqual(["quick", "gate opens", { settled: 1, pending: 0 }]);
  });

  test("counts a response that stays open as pending when the timeout is over, and does not cut it", async () => {
    const events: unknown[] = [];
    const open = new ResponseThen("data", ({ type }, { signal }) => events.push([type, signal.aborted]));
    events.push(await drain({ timeout: 5 }));
    events.push(await open.text());
    await open.finished;
    expect(events).toEqual([{ settled: 0, pending: 1 }, "data", ["completed", false]]);
  });

  test("aborts the signals of the callbacks that still run when the timeout is over, which is reported once", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen(
      null,
      (_, { signal }) => {
        events.push("starts");
        signal.addEventListener("abort", () => events.push(["aborted", signal.reason]));
        return new Promise(() => {});
      },
      { timeout: Number.POSITIVE_INFINITY, onError: (error) => events.push(["reported", error]) },
    );
    const result = await drain({ timeout: 200 });
    await response.finished;
    const reason = expect.objectContaining({
      name: "TimeoutError",
      message: `A callback took longer than the drain of 200 ms${READ_ON}`,
    });
    expect(result).toEqual({ settled: 0, pending: 1 });
    expect(events).toEqual(["starts", ["aborted", reason], ["reported", reason]]);
  });

  test("counts both kinds: what settled and what is pending when the timeout is over", async () => {
    const gate = deferred();
    const slow = new ResponseThen(null, () => gate.promise, { onError() {} });
    const quick = new ResponseThen(null, () => {});
    expect(await drain({ timeout: 200 })).toEqual({ settled: 1, pending: 1 });
    gate.resolve();
    await Promise.all([slow.finished, quick.finished]);
  });

  test.for<[string, (stopped: Promise<void>) => ResponseThen]>([
    ["of a source", (stopped) => new ResponseThen(new ReadableStream({ cancel: () => stopped }), () => {})],
    [
      "that writes",
      (stopped) =>
        ResponseThen.stream(
          () => stopped,
          () => {},
        ),
    ],
  ])("does not wait for a producer %s that has not stopped when its own time is over", async ([, make]) => {
    const gate = deferred();
    const reader = (make(gate.promise).body as ReadableStream).getReader();
    void reader.read();
    await macrotask();
    void reader.cancel();
    const begun = performance.now();
    expect(await drain({ timeout: 20 })).toEqual({ settled: 0, pending: 1 });
    // The callbacks wait for it for 5 s.
    expect(performance.now() - begun).toBeLessThan(4_000);
    gate.resolve();
    expect(await drain()).toEqual({ settled: 1, pending: 0 });
  });

  test("with timeout 0 tells what is pending without waiting for it", async () => {
    const open = new ResponseThen("data", () => {});
    expect(await drain({ timeout: 0 })).toEqual({ settled: 0, pending: 1 });
    await open.text();
    await open.finished;
  });

  // Guards against a timer of 2^31 ms, which overflows and fires at once.
  test.for([Number.POSITIVE_INFINITY, 2 ** 31])("with timeout %d waits without a timer", async (timeout) => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const events: unknown[] = [];
    const gate = deferred();
    const response = new ResponseThen(null, () => gate.promise, { timeout: Number.POSITIVE_INFINITY });
    const drained = drain({ timeout }).then((result) => events.push(result));
    expect(timers.mock.calls.filter(([, ms]) => ms !== 0)).toEqual([]);
    response.onFinished(() => {
      events.push("gate opens");
      gate.resolve();
    });
    await drained;
    expect(events).toEqual(["gate opens", { settled: 1, pending: 0 }]);
  });

  test("called twice waits twice, each with its own count", async () => {
    const first = new ResponseThen("data", () => {});
    const early = drain({ timeout: 5 });
    const late = drain();
    expect(await early).toEqual({ settled: 0, pending: 1 });
    await first.text();
    expect(await late).toEqual({ settled: 1, pending: 0 });
  });

  test.for([-1, Number.NaN, "8s", null])("throws a RangeError at the call for a timeout of %o", (timeout) => {
    const call = () => drain({ timeout: timeout as number });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(/^timeout: expected a number, 0 or more, got /);
  });

  // A constructor that throws must leave nothing in flight that never settles.
  test("does not wait for a response whose constructor threw", async () => {
    const locked = new ReadableStream();
    locked.getReader();
    const failing = [
      () => new ResponseThen("data", "no callback" as never),
      () => new ResponseThen(locked, () => {}),
      () => new ResponseThen("data", () => {}, { status: 99 }),
      () => new ResponseThen("data", () => {}, { status: 204 }),
      () => new ResponseThen("data", () => {}, { headers: { "bad name": "" } }),
    ];
    for (const build of failing) expect(build).toThrow();
    expect(await drain({ timeout: 5 })).toEqual({ settled: 0, pending: 0 });
  });
});

// It decided in the turn in which the last response settled: one that was built a few microtasks later was told as pending,
// and not waited for.
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
