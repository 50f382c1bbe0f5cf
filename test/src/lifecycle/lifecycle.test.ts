import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ResponseThen } from "../../../src/index.ts";
import type { Callbacks } from "../../../src/lifecycle/callbacks.ts";
import { Lifecycle } from "../../../src/lifecycle/lifecycle.ts";
import { type ResponseThenOptions, toSettings } from "../../../src/lifecycle/options.ts";
import { type End, HANDED_OVER } from "../../../src/lifecycle/outcome.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

function open(callbacks: Callbacks = [], options: ResponseThenOptions = {}): Lifecycle {
  return new Lifecycle(callbacks, toSettings(options));
}

const completed: End = { type: "completed" };
const canceled: End = { type: "canceled", reason: new Error("left") };
const errored: End = { type: "errored", error: new Error("broken") };

describe("finished", () => {
  test("fulfils with the outcome, after all callbacks have settled", async () => {
    const events: unknown[] = [];
    const ending = open([
      async () => {
        await macrotask();
        events.push("slow settles");
      },
      () => events.push("quick"),
    ]);
    ending.finished.then((outcome) => events.push(["finished", outcome.type]));
    ending.end(completed);
    events.push("ended");
    await ending.finished;
    expect(events).toEqual(["ended", "quick", "slow settles", ["finished", "completed"]]);
  });

  test("is pending while the response is open", async () => {
    const events: string[] = [];
    const ending = open();
    ending.finished.then(() => events.push("finished"));
    await macrotask();
    await macrotask();
    events.push("still open");
    ending.end(completed);
    await ending.finished;
    expect(events).toEqual(["still open", "finished"]);
  });

  test("never rejects, whatever callbacks and onError do", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const fail = () => Promise.reject(new Error("failed"));
    const ending = open([fail, { errored: fail, finally: fail }, () => new Promise(() => {})], {
      onError: fail,
      timeout: 5,
    });
    ending.end(errored);
    await expect(ending.finished).resolves.toMatchObject(errored);
    await macrotask();
    // Four failures of callbacks, each with the failure of onError to tell of it.
    expect(log).toHaveBeenCalledTimes(8);
  });

  test("of a ResponseThen is one promise, and its outcome is the callbacks' own", async () => {
    const outcomes: unknown[] = [];
    const response = new ResponseThen("data", (outcome) => outcomes.push(outcome));
    expect(response.finished).toBe(response.finished);
    await response.text();
    outcomes.push(await response.finished);
    expect(outcomes).toHaveLength(2);
    expect(outcomes[0]).toBe(outcomes[1]);
  });

  test("waits for callbacks that a callback adds", async () => {
    const events: string[] = [];
    const ending = open(() => {
      ending.add(async () => {
        await macrotask();
        events.push("added");
        ending.add(() => events.push("added by the added"));
      });
    });
    ending.end(completed);
    await ending.finished;
    expect(events).toEqual(["added", "added by the added"]);
  });
});

describe("the dispatch of callbacks", () => {
  // Guards against blocking the runtime in the final pull, before the client has its last bytes.
  test("comes a macrotask after the end, not in a microtask", async () => {
    const events: string[] = [];
    const ending = open(() => events.push("callback"));
    ending.end(completed);
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    events.push("microtasks are over");
    await ending.finished;
    expect(events).toEqual(["microtasks are over", "callback"]);
  });

  test("happens once, however often the response ends", async () => {
    const events: string[] = [];
    const ending = open(({ type }) => events.push(type));
    for (const end of [completed, canceled, errored, completed]) ending.end(end);
    await ending.finished;
    ending.end(errored);
    await macrotask();
    await macrotask();
    expect(events).toEqual(["errored"]);
  });

  test("gives every callback the async context in which it was registered", async () => {
    const storage = new AsyncLocalStorage<string>();
    const events: unknown[] = [];
    const ending = storage.run("of the constructor", () => open(() => events.push(storage.getStore())));
    storage.run("of onFinished", () => ending.add(() => events.push(storage.getStore())));
    ending.add(() => events.push(storage.getStore()));
    storage.run("of the end", () => ending.end(completed));
    await ending.finished;
    expect(events).toEqual(["of the constructor", "of onFinished", undefined]);
  });
});

describe("the outcome", () => {
  test.for([
    [completed, canceled, "canceled"],
    [completed, errored, "errored"],
    [canceled, errored, "errored"],
    [canceled, completed, "canceled"],
    [errored, completed, "errored"],
    [errored, canceled, "errored"],
  ] as const)("of $0.type and then $1.type in the same macrotask is $2", async ([first, second, type]) => {
    const ending = open();
    ending.end(first);
    await Promise.resolve();
    ending.end(second);
    expect((await ending.finished).type).toBe(type);
  });

  test.for([
    [completed, { type: "completed" }],
    [canceled, { ...canceled, phase: "before-body" }],
    [errored, { ...errored, phase: "before-body" }],
  ] as const)("of two ends of the type $0.type is the first", async ([end, facts]) => {
    const ending = open();
    const response = new Response(null);
    ending.end(end, response);
    ending.end({ type: end.type, reason: new Error("second"), error: new Error("second") } as End, new Response(null));
    const outcome = await ending.finished;
    expect(outcome).toMatchObject(facts);
    expect(outcome.response).toBe(response);
  });

  test("carries nothing over from the end that it replaced", async () => {
    const ending = open();
    ending.end({ ...canceled, consumed: { bytes: 1, whole: true } });
    ending.end(errored);
    const names = ["bytes", "chunks", "duration", "error", "observed", "phase", "response", "startTime", "type"];
    expect(Object.keys(await ending.finished).sort()).toEqual(names);
  });

  test("changes no more once the callbacks were dispatched", async () => {
    const types: string[] = [];
    const ending = open((outcome) => {
      types.push(outcome.type);
      ending.end(errored);
      ending.facts.handed(100);
      types.push(outcome.type);
    });
    ending.add(({ type, bytes }) => types.push(type, String(bytes)));
    ending.end(completed);
    const { type, bytes } = await ending.finished;
    expect([...types, type, bytes]).toEqual(["completed", "completed", "completed", "0", "completed", 0]);
  });

  test("tells what was handed over, and when", async () => {
    const before = Date.now();
    const ending = open();
    ending.facts.handed(10);
    ending.facts.handed(0);
    ending.facts.handed(5);
    ending.end(canceled);
    const outcome = await ending.finished;
    expect(outcome).toMatchObject({ bytes: 15, chunks: 3, phase: "mid-body", observed: "pulled" });
    expect(outcome.startTime).toBeGreaterThanOrEqual(before);
    expect(outcome.firstByteTime).toBeGreaterThanOrEqual(outcome.startTime);
    // 1 ms for the rounding of times since the epoch.
    expect(outcome.duration).toBeGreaterThanOrEqual((outcome.firstByteTime ?? 0) - outcome.startTime - 1);
  });

  test("has no firstByteTime where nothing was handed over, and no phase where it completed", async () => {
    const ending = open();
    ending.end(HANDED_OVER);
    const outcome = await ending.finished;
    expect(outcome).toMatchObject({ type: "completed", observed: "handed-over", bytes: 0, chunks: 0 });
    expect(Object.keys(outcome)).not.toContain("firstByteTime");
    expect(Object.keys(outcome)).not.toContain("phase");
  });

  test("has the duration that the end says, else the time from the opening to the end by a monotonic clock", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const [measured, told] = [open(), open()];
    now.mockReturnValue(1_250);
    measured.end(completed);
    told.end({ ...canceled, duration: 40 });
    now.mockReturnValue(9_000);
    expect([(await measured.finished).duration, (await told.finished).duration]).toEqual([250, 40]);
  });

  // The first end decides when the response ended, also where a worse one replaces it.
  test("of an end that was replaced keeps the duration of the first", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(0);
    const ending = open();
    now.mockReturnValue(10);
    ending.end(canceled);
    now.mockReturnValue(300);
    ending.end(errored);
    expect(await ending.finished).toMatchObject({ type: "errored", duration: 10 });
  });

  test("has a stand-in of the same status and headers, without a body, where the response is gone", async () => {
    const ending = open();
    ending.facts.setHead({ status: 418, statusText: "Teapot", headers: { "x-kept": "yes" } });
    ending.end(canceled);
    const { response } = await ending.finished;
    expect([response.status, response.statusText, response.headers.get("x-kept"), response.body]).toEqual([
      418,
      "Teapot",
      "yes",
      null,
    ]);
  });

  test("keeps the response of the first end where the one that replaces it brings none", async () => {
    const ending = open();
    const response = new Response(null, { status: 202 });
    ending.end(canceled, response);
    ending.end(errored);
    expect((await ending.finished).response).toBe(response);
  });
});

describe("add", () => {
  test("after the end and before the dispatch runs with the others, in order", async () => {
    const events: string[] = [];
    const ending = open(() => events.push("first"));
    ending.end(completed);
    ending.add(() => events.push("second"));
    await ending.finished;
    expect(events).toEqual(["first", "second"]);
  });

  test("after all have settled runs at once, with the outcome that was", async () => {
    const events: unknown[] = [];
    const ending = open();
    ending.end(canceled);
    const outcome = await ending.finished;
    ending.add((told) => events.push(told));
    events.push("added");
    await Promise.resolve();
    expect(events).toEqual(["added", outcome]);
    expect(events[1]).toBe(outcome);
  });

  test("after all have settled reports a failure to the onError of the response", async () => {
    const events: unknown[] = [];
    const ending = open([], { onError: (error) => events.push(error) });
    ending.end(completed);
    await ending.finished;
    ending.add(() => Promise.reject("late"));
    await macrotask();
    expect(events).toEqual(["late"]);
  });

  test("refuses what is no callback, and leaves the others alone", async () => {
    const events: string[] = [];
    const ending = open(() => events.push("good"));
    expect(() => ending.add([() => events.push("bad array"), "no callback"] as unknown as Callbacks)).toThrow(
      TypeError,
    );
    ending.end(completed);
    await ending.finished;
    expect(events).toEqual(["good"]);
  });
});

// It was asked for each time: a test's fake clock, or none, was the duration's.
describe("performance is that of when the module was loaded", () => {
  test.for([
    ["another one", { now: () => 1e9 }],
    ["none", undefined],
  ])("whatever is in its place later: %s", async ([, later]) => {
    const response = new ResponseThen("text", () => {});
    vi.stubGlobal("performance", later);
    await response.text();
    const { duration } = await response.finished;
    expect(duration).toBeGreaterThanOrEqual(0);
    expect(duration).toBeLessThan(10_000);
  });
});
