import { afterEach, describe, expect, test, vi } from "vitest";
import { ResponseThen } from "../../src/index.ts";
import { stateOf } from "../../src/late-body.ts";
import type { ResponseThenOptions } from "../../src/options.ts";
import { endByPlatform, endUnread, type Platform, release } from "../../src/platform.ts";
import { openScope, runInScope, SMALL } from "../../src/scope.ts";
import type { State } from "../../src/state.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";

leaveNothingInFlight();
afterEach(() => {
  vi.useRealTimers();
});

type Events = unknown[];

/** A response with a source that gives one chunk and then waits, as a request that has been answered leaves it. */
function watched(events: Events, options: ResponseThenOptions = {}) {
  const source = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("some")),
    cancel: (reason) => void events.push(["source canceled", (reason as Error | undefined)?.message]),
  });
  const response = new ResponseThen(source, into(events, "own"), options);
  return { response, state: stateOf(response) as State };
}

/** A fixed one that went out as it is. */
function unwatched(events: Events) {
  const response = runInScope(openScope(SMALL), false, () => new ResponseThen("data", into(events, "own")));
  const state = stateOf(response) as State;
  state.ending.letGo();
  state.fixed = undefined;
  return { response, state };
}

/** A server that tells by its own signals when the test says so. */
function server(kind: "flushed" | "over") {
  let tell: (reason?: Error) => void = () => {};
  const platform: Platform = {
    method: "GET",
    [kind]: (listener: typeof tell) => {
      tell = listener;
    },
  };
  return { platform, tell: (reason?: Error) => tell(reason) };
}

/** Waits until what had ended before has been told to its callbacks. */
const dispatched = () => new ResponseThen(null, () => {}).finished;

const left = new Error("The client left");

describe("a platform that tells when the last byte is flushed", () => {
  test("ends a fixed body then, as completed and flushed, and not before", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    endByPlatform(unwatched(events).state, platform, true);
    await dispatched();
    events.push("the server tells");
    tell();
    await settle();
    expect(events).toEqual(["the server tells", ["own", "completed", "flushed", 200]]);
  });

  test("ends a watched body then, and not when it was pulled", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    const response = new ResponseThen("data", into(events, "own"));
    endByPlatform(stateOf(response) as State, platform);
    events.push(await response.text());
    await dispatched();
    events.push("the server tells");
    tell();
    await settle();
    expect(events).toEqual(["data", "the server tells", ["own", "completed", "flushed", 200]]);
  });

  test("or that the client left, which cancels the body with that reason, and its source once", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    const { response, state } = watched(events);
    endByPlatform(state, platform);
    const reader = response.body?.getReader();
    await reader?.read();
    tell(left);
    await reader?.cancel(left);
    await settle();
    expect(events).toEqual([
      ["source canceled", "The client left"],
      ["own", "canceled", "flushed", 200, "Error"],
    ]);
  });

  test("or that the client left, which drains the source with onCancel: drain", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    const source = new Blob(["some more"]).stream();
    const tellBytes = ({ drained }: { drained?: { bytes: number } }) => events.push(drained?.bytes);
    const response = new ResponseThen(source, { canceled: tellBytes }, { onCancel: "drain" });
    endByPlatform(stateOf(response) as State, platform);
    tell(left);
    await settle();
    expect(events).toEqual([9]);
  });

  test("or that the client left, with all of a body pulled: canceled, for the last byte was never flushed", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    const response = new ResponseThen("data", into(events, "own"));
    endByPlatform(stateOf(response) as State, platform);
    await response.text();
    tell(left);
    await settle();
    expect(events).toEqual([["own", "canceled", "flushed", 200, "Error"]]);
  });

  test("or that the client left, and a source that fails by being canceled harms nobody", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    const source = new ReadableStream({ cancel: () => Promise.reject(new Error("cancel failed")) });
    const response = new ResponseThen(source, into(events, "own"));
    endByPlatform(stateOf(response) as State, platform);
    tell(left);
    await settle();
    expect(events).toEqual([["own", "errored", "flushed", 200, new Error("cancel failed")]]);
  });

  test("leaves an error of the source what it is, though the server cuts the connection for it", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    const source = new ReadableStream({
      pull: () => {
        throw new Error("source failed");
      },
    });
    const response = new ResponseThen(source, into(events, "own"));
    endByPlatform(stateOf(response) as State, platform);
    await response.text().catch(() => {});
    tell(left);
    await settle();
    expect(events).toEqual([["own", "errored", "flushed", 200, new Error("source failed")]]);
  });
});

describe("a platform that tells when it is done with a response", () => {
  test("ends a fixed body then, as handed over", async () => {
    const events: Events = [];
    const { platform, tell } = server("over");
    endByPlatform(unwatched(events).state, platform, true);
    await dispatched();
    events.push("the server tells");
    tell();
    await settle();
    expect(events).toEqual(["the server tells", ["own", "completed", "handed-over", 200]]);
  });

  test("leaves the end of a watched body to that", async () => {
    const events: Events = [];
    const { platform, tell } = server("over");
    const response = new ResponseThen("data", into(events, "own"));
    endByPlatform(stateOf(response) as State, platform);
    await response.text();
    tell();
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 200]]);
  });

  test("sets no timer for a body that has ended by then", async () => {
    const { platform, tell } = server("over");
    const response = new ResponseThen("data", () => {});
    endByPlatform(stateOf(response) as State, platform);
    await response.text();
    vi.useFakeTimers();
    tell();
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
    await settle();
  });

  test("and then still has a body open gives it a second to end by itself, and cancels it", async () => {
    const events: Events = [];
    const { platform, tell } = server("over");
    const { state } = watched(events);
    endByPlatform(state, platform);
    vi.useFakeTimers();
    tell();
    await vi.advanceTimersByTimeAsync(999);
    events.push("999 ms later");
    await vi.advanceTimersByTimeAsync(1);
    vi.useRealTimers();
    await settle();
    expect(events).toEqual([
      "999 ms later",
      ["source canceled", undefined],
      ["own", "canceled", "pulled", 200, "AbortError"],
    ]);
  });

  test("and has it open, but it ends by itself within that second: that is how it ended", async () => {
    const events: Events = [];
    const { platform, tell } = server("over");
    const { response, state } = watched(events);
    endByPlatform(state, platform);
    vi.useFakeTimers();
    tell();
    const canceled = response.body?.cancel(left);
    await vi.advanceTimersByTimeAsync(1_000);
    await canceled;
    vi.useRealTimers();
    await settle();
    expect(events).toEqual([
      ["source canceled", "The client left"],
      ["own", "canceled", "pulled", 200, "Error"],
    ]);
  });
});

describe("a platform that tells nothing", () => {
  test("has a fixed body at once: handed over", async () => {
    const events: Events = [];
    endByPlatform(unwatched(events).state, { method: "GET" }, true);
    await settle();
    expect(events).toEqual([["own", "completed", "handed-over", 200]]);
  });

  test("leaves the end of a watched body to that", async () => {
    const events: Events = [];
    const response = new ResponseThen("data", into(events, "own"));
    endByPlatform(stateOf(response) as State, { method: "GET" });
    await dispatched();
    events.push(await response.text());
    await settle();
    expect(events).toEqual(["data", ["own", "completed", "pulled", 200]]);
  });
});

describe("endUnread", () => {
  test("cancels the source, and ends the response at once where the platform tells nothing", async () => {
    const events: Events = [];
    endUnread(watched(events).state, { method: "HEAD" });
    await settle();
    expect(events).toEqual([
      ["source canceled", "Nobody reads the body of this response"],
      ["own", "completed", "handed-over", 200],
    ]);
  });

  test.for(["flushed", "over"] as const)("cancels the source at once; platform that tells: %s", async (kind) => {
    const events: Events = [];
    const { platform, tell } = server(kind);
    endUnread(watched(events).state, platform);
    await dispatched();
    events.push("the server tells");
    tell();
    await settle();
    const source = ["source canceled", "Nobody reads the body of this response"];
    const end = (observed: string) => ["own", "completed", observed, 200];
    // Deno is done with a response whatever became of it: the release of the body says no less.
    const wanted = {
      flushed: [source, "the server tells", end("flushed")],
      over: [source, end("handed-over"), "the server tells"],
    };
    expect(events).toEqual(wanted[kind]);
  });

  test("is told that the client left before it had the head", async () => {
    const events: Events = [];
    const { platform, tell } = server("flushed");
    endUnread(watched(events).state, platform);
    tell(left);
    await settle();
    expect(events[1]).toEqual(["own", "canceled", "flushed", 200, "Error"]);
  });
});

describe("release", () => {
  test("ends a body as it is told to, never drains it, and does nothing for a response without one", async () => {
    const events: Events = [];
    release(watched(events, { onCancel: "drain" }).state, { type: "errored", error: "failed" });
    const empty = new ResponseThen(null, into(events, "empty"));
    release(stateOf(empty) as State, { type: "errored", error: "failed" });
    await settle();
    expect(events).toEqual([
      ["source canceled", "Nobody reads the body of this response"],
      ["own", "errored", "pulled", 200, "failed"],
      ["empty", "completed", "handed-over", 200],
    ]);
  });
});
