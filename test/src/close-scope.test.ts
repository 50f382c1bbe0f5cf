import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { abandonUnread, closeScope, handlerThrew } from "../../src/close-scope.ts";
import type { End } from "../../src/end.ts";
import { READ_ON } from "../../src/expected.ts";
import { handOver } from "../../src/hand-over.ts";
import { ResponseThen } from "../../src/index.ts";
import { stateOf } from "../../src/late-body.ts";
import type { Platform } from "../../src/platform.ts";
import { openScope, runInScope, SMALL, type Unwatched } from "../../src/scope.ts";
import type { State } from "../../src/state.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";

leaveNothingInFlight();
afterEach(() => {
  vi.useRealTimers();
});

type Events = unknown[];

const PLATFORM: Platform = { method: "GET" };

const DEFERRED: Unwatched = { limit: Number.POSITIVE_INFINITY, deferred: true };
const ways: readonly [string, Unwatched | undefined][] = [
  ["deferred", DEFERRED],
  ["unwatched", SMALL],
  ["watched", undefined],
];

/** A handler that answers with another response than it built first. */
async function answer(build: () => Response | Promise<Response>, unwatched?: Unwatched, platform?: Partial<Platform>) {
  const scope = openScope(unwatched);
  const response = await runInScope(scope, true, build);
  return handOver(response, { method: "GET", patience: 200, ...platform }, scope);
}

describe("closeScope", () => {
  test("drops what was built and is not sent, in order, with the cancel of a middleware where there was one", async () => {
    const events: [State, (End | undefined)?][] = [];
    const scope = openScope();
    const built = runInScope(scope, true, () => [0, 1, 2].map(() => new ResponseThen("data", () => {})));
    const states = built.map((response) => stateOf(response) as State);
    const reason = new Error("etag");
    await built[2]?.body?.cancel(reason);
    closeScope(scope, states[1], PLATFORM, (...told) => events.push(told));
    expect(scope.closed).toBe(true);
    expect(events).toMatchObject([
      [states[0], undefined],
      [states[2], { type: "canceled", reason }],
    ]);
    for (const { ending } of states) ending.end({ type: "completed" });
  });

  // Only what was sent had one: on Workers the callbacks of a dropped response, such as of Hono's HEAD, could be lost.
  test("takes a lease for each response without one, also for what is dropped", async () => {
    const scope = openScope();
    const leases: Promise<unknown>[] = [];
    const waitUntil = (promise: Promise<unknown>) => void leases.push(promise);
    const build = () => [new ResponseThen("a", () => {}), new ResponseThen("b", () => {}, { waitUntil })];
    const built = runInScope(scope, true, build);
    closeScope(scope, undefined, { method: "GET", waitUntil }, () => {});
    expect(leases.length).toBe(2);
    await Promise.all(built.map((response) => response.text()));
    expect((await Promise.all(leases)).length).toBe(2);
  });

  test("of a request that built nothing closes it", () => {
    const scope = openScope();
    closeScope(scope, undefined, PLATFORM, () => expect.unreachable());
    expect(scope.closed).toBe(true);
  });

  test("leaves alone a body that somebody reads", async () => {
    const scope = openScope();
    const response = runInScope(scope, true, () => new ResponseThen("data", () => {}));
    const reader = response.body?.getReader();
    closeScope(scope, undefined, PLATFORM, () => expect.unreachable());
    await reader?.cancel();
  });
});

describe("a response that was dropped", () => {
  // It was read by a method of its own, as a middleware does that changes a text.
  test.for(ways)("when its content had gone into what is sent, has ended with that (%s)", async ([, unwatched]) => {
    const events: Events = [];
    const sent = await answer(async () => {
      const text = await new ResponseThen("data", into(events, "own"), { status: 203 }).text();
      return new Response(text.toUpperCase());
    }, unwatched);
    events.push(await sent.text());
    await settle();
    const observed = unwatched === SMALL ? "handed-over" : "pulled";
    expect(events).toHaveLength(2);
    expect(events).toEqual(expect.arrayContaining(["DATA", ["own", "completed", observed, 203]]));
  });

  // It was told to be unread, or that its source is locked.
  test("when its content had gone into what is sent, after a look at its body (unwatched)", async () => {
    const events: Events = [];
    await answer(async () => {
      const response = new ResponseThen("data", into(events, "own"), { status: 203 });
      return new Response(response.body && (await response.text()).toUpperCase());
    }, SMALL);
    await settle();
    expect((events as unknown[][]).map(([name, type]) => [name, type])).toEqual([["own", "completed"]]);
  });

  test.for(ways)("and stays unread is abandoned when the patience is over (%s)", async ([, unwatched]) => {
    const events: Events = [];
    await answer(() => {
      new ResponseThen("data", into(events, "own"), { status: 203 });
      return new Response("other");
    }, unwatched);
    await settle();
    expect(events).toEqual([["own", "canceled", "handed-over", 203, "AbandonedError"]]);
  });

  test.for(ways)("and is read late all the same, by what is sent, ends by that (%s)", async ([, unwatched]) => {
    const events: Events = [];
    const sent = await answer(() => {
      const dropped = new ResponseThen("data", into(events, "own"), { status: 203 });
      // Takes its source at its own first pull.
      return new Response(
        new ReadableStream({
          async pull(controller) {
            for await (const chunk of dropped.body ?? []) controller.enqueue(chunk);
            controller.close();
          },
        }),
      );
    }, unwatched);
    events.push(await sent.text());
    await settle();
    expect(events).toEqual(["data", ["own", "completed", "pulled", 203]]);
  });

  test.for(ways)("for a head alone ends with that (%s)", async ([, unwatched]) => {
    const events: Events = [];
    await answer(() => {
      new ResponseThen("data", into(events, "own"), { status: 203 });
      return new Response(null, { status: 304 });
    }, unwatched);
    await settle();
    expect(events).toEqual([["own", "completed", "handed-over", 304]]);
  });

  test.for(ways)("and canceled, while another with a body is sent, is canceled (%s)", async ([, unwatched]) => {
    const events: Events = [];
    await answer(async () => {
      await new ResponseThen("data", into(events, "own"), { status: 203 }).body?.cancel();
      return new Response("other");
    }, unwatched);
    await settle();
    expect(events).toEqual([["own", "canceled", "pulled", 203, "AbortError"]]);
  });

  // Its source is taken at the first read only: until then it looks like one that nobody has.
  test.for(ways)(
    "because another took its body over ends with that, however late it is read (%s)",
    async ([, unwatched]) => {
      const events: Events = [];
      const sent = await answer(() => {
        const inner = new ResponseThen(new Blob(["data"]).stream(), into(events, "inner"));
        return new ResponseThen(inner.body, into(events, "outer"));
      }, unwatched);
      await new Promise((resolve) => setTimeout(resolve, 300));
      events.push(await sent.text());
      await settle();
      expect(events).toEqual(["data", ["inner", "completed", "pulled", 200], ["outer", "completed", "pulled", 200]]);
    },
  );

  test("and had no body is abandoned at once", async () => {
    const events: Events = [];
    await answer(
      () => {
        new ResponseThen(null, into(events, "own"), { status: 204 });
        return new Response("other");
      },
      undefined,
      { patience: 100_000 },
    );
    await settle();
    expect(events).toEqual([["own", "canceled", "handed-over", 204, "AbandonedError"]]);
  });
});

describe.for(ways)("what a handler built that threw (%s)", ([, unwatched]) => {
  test("ends errored, with that error, also what was canceled before; with a body, without one, and in between", async () => {
    const events: Events = [];
    const failure = new Error("handler failed");
    const scope = openScope(unwatched);
    await runInScope(scope, true, async () => {
      new ResponseThen("data", into(events, "fixed"));
      expect(new ResponseThen("data", into(events, "asked")).body).not.toBeNull();
      await new ResponseThen("data", into(events, "canceled")).body?.cancel();
      new ResponseThen(null, into(events, "empty"), { status: 204 });
    });
    handlerThrew(failure, scope, PLATFORM);
    await settle();
    const told = ([name, , , status]: unknown[]) => [name, status];
    expect((events as unknown[][]).map(told)).toEqual([
      ["fixed", 200],
      ["asked", 200],
      ["canceled", 200],
      ["empty", 204],
    ]);
    expect((events as unknown[][]).map(([, type, , , error]) => [type, error])).toEqual(
      Array.from({ length: 4 }, () => ["errored", failure]),
    );
  });
});

describe("abandonUnread", () => {
  const open = (events: Events) => new ResponseThen(new Blob(["data"]).stream(), into(events, "own"));

  test("ends a body that nobody has begun to read, when its time is over and not before", async () => {
    const events: Events = [];
    const response = open(events);
    vi.useFakeTimers();
    abandonUnread(stateOf(response) as State, 100);
    vi.advanceTimersByTime(99);
    expect((stateOf(response) as State).body?.over).toBe(false);
    vi.advanceTimersByTime(1);
    vi.useRealTimers();
    await settle();
    expect(events).toEqual([["own", "canceled", "handed-over", 200, "AbandonedError"]]);
  });

  // It would wait for ever: its body has nobody to give it anything.
  test("fails the read of who comes after that, and says where to look", async () => {
    const response = open([]);
    abandonUnread(stateOf(response) as State, 0);
    await response.finished;
    await expect(response.text()).rejects.toThrow(`The body was released unread${READ_ON}`);
  });

  test("leaves one alone that is being read, however slowly", async () => {
    const events: Events = [];
    const response = open(events);
    vi.useFakeTimers();
    abandonUnread(stateOf(response) as State, 100);
    const reader = response.body?.getReader();
    await reader?.read();
    vi.advanceTimersByTime(100);
    vi.useRealTimers();
    expect((await reader?.read())?.done).toBe(true);
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 200]]);
  });

  test("keeps no timer for a response that has ended, and sets none for one without a body", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const response = open([]);
    abandonUnread(stateOf(response) as State, 100_000);
    const timer = timers.mock.results.at(-1)?.value;
    await response.text();
    await response.finished;
    await macrotask();
    expect(cleared).toHaveBeenCalledWith(timer);
    timers.mockClear();
    const empty = new ResponseThen(null, () => {});
    abandonUnread(stateOf(empty) as State, 100_000);
    expect(timers.mock.calls.filter(([, ms]) => ms === 100_000)).toEqual([]);
  });
});
