import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** The room, freshly loaded: it takes its timers, and looks at its runtime, when it is loaded. */
async function load(): Promise<(run: () => void) => void> {
  vi.resetModules();
  return (await import("../../../src/lifecycle/process.ts")).nextMacrotask;
}

/** Something to dispatch, which says when it ran. */
function due(run: () => void) {
  let ran = () => {};
  const over = new Promise<void>((resolve) => {
    ran = resolve;
  });
  return {
    over,
    run() {
      run();
      ran();
    },
  };
}

describe("dispatch", () => {
  test("runs everything once, in the order of the calls, and nothing in a microtask", async () => {
    const dispatch = await load();
    const events: string[] = [];
    dispatch(() => events.push("a"));
    dispatch(() => events.push("b"));
    for (let i = 0; i < 100; i++) await undefined;
    events.push("100 microtasks later");
    const last = due(() => events.push("c"));
    dispatch(last.run);
    await last.over;
    await macrotask();
    expect(events).toEqual(["100 microtasks later", "a", "b", "c"]);
  });

  test("sets one timer for all that comes in one turn, and one more for all that comes until that has run", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const dispatch = await load();
    const before = timers.mock.calls.length;
    const set: number[] = [];
    const note = () => set.push(timers.mock.calls.length - before);
    const last = due(note);
    for (let i = 0; i < 100; i++) dispatch(() => {});
    dispatch(note);
    for (let i = 0; i < 100; i++) dispatch(() => {});
    dispatch(last.run);
    note();
    await last.over;
    // One is set at the first call; the second when the first is due, for all the rest.
    expect(set).toEqual([1, 2, 2]);
  });

  // The end of another response must not take the timer of an earlier one: its last bytes may not be out yet.
  test("lets a macrotask of its own pass for what comes when a batch is about to run, or runs", async () => {
    const dispatch = await load();
    const events: string[] = [];
    const later = due(() => events.push("dispatched meanwhile"));
    dispatch(() => {
      events.push("batch");
      dispatch(later.run);
      setImmediate(() => events.push("macrotask"));
    });
    await later.over;
    expect(events).toEqual(["batch", "macrotask", "dispatched meanwhile"]);
  });

  // Node writes the last frames of HTTP/2 in an immediate that is set after the end.
  test("lets pass what was set up to its timer's turn: immediates of before, and of the timers before it", async () => {
    const dispatch = await load();
    const events: string[] = [];
    const last = due(() => events.push("dispatched"));
    setTimeout(() => {
      events.push("timer");
      setImmediate(() => events.push("the timer's immediate"));
    }, 0);
    dispatch(last.run);
    setImmediate(() => events.push("immediate"));
    await last.over;
    expect([...events].sort()).toEqual(["dispatched", "immediate", "the timer's immediate", "timer"]);
    expect(events.at(-1)).toBe("dispatched");
  });

  test("loaded under fake timers that are taken away later, runs everything, also what came before that", async () => {
    vi.useFakeTimers();
    const dispatch = await load();
    const events: string[] = [];
    const faked = due(() => events.push("under fake timers"));
    dispatch(faked.run);
    vi.useRealTimers();
    const real = due(() => events.push("under real timers"));
    dispatch(real.run);
    await Promise.all([faked.over, real.over]);
    expect(events).toEqual(["under fake timers", "under real timers"]);
  });

  test("goes on where a test has put other timers in place: a batch that never runs would hold up all after it", async () => {
    const dispatch = await load();
    vi.useFakeTimers();
    const events: string[] = [];
    const faked = due(() => events.push("under fake timers"));
    dispatch(faked.run);
    await faked.over;
    vi.useRealTimers();
    const real = due(() => events.push("under real timers"));
    dispatch(real.run);
    await real.over;
    expect(events).toEqual(["under fake timers", "under real timers"]);
  });
});

describe("dispatch on another runtime", () => {
  test("on Workers sets the timer of the request itself, one for each, for it may not touch another's", async () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    const dispatch = await load();
    const timers = vi.spyOn(globalThis, "setTimeout");
    const events: string[] = [];
    const last = due(() => events.push("b"));
    dispatch(() => events.push("a"));
    dispatch(last.run);
    expect(timers.mock.calls.map(([, ms]) => ms)).toEqual([0, 0]);
    await last.over;
    expect(events).toEqual(["a", "b"]);
  });

  test.for(["Bun", "Deno"])("on %s waits for the timer alone", async (runtime) => {
    vi.stubGlobal(runtime, {});
    const immediates = vi.spyOn(globalThis, "setImmediate");
    const dispatch = await load();
    immediates.mockClear();
    const only = due(() => {});
    dispatch(only.run);
    await only.over;
    expect(immediates).not.toHaveBeenCalled();
  });

  test("without setImmediate waits for the timer alone", async () => {
    vi.stubGlobal("setImmediate", undefined);
    const dispatch = await load();
    const events: string[] = [];
    const only = due(() => events.push("dispatched"));
    dispatch(only.run);
    await only.over;
    expect(events).toEqual(["dispatched"]);
  });
});
