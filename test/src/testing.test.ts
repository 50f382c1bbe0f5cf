import { afterEach, describe, expect, test, vi } from "vitest";
import { SMALL } from "../../src/exchange/deno.ts";
import { wrapHandler } from "../../src/exchange/wrap-handler.ts";
import { READ_ON } from "../../src/expected.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";
import { abort, consume, outcomeOf, stall } from "../../src/testing.ts";
import { leaveNothingInFlight } from "../told.ts";

leaveNothingInFlight();
afterEach(() => void vi.useRealTimers());

/** Gives pieces of 10 bytes, or texts, and notes what is asked of it. */
function source(events: unknown[], pieces = Number.POSITIVE_INFINITY, piece: () => unknown = () => new Uint8Array(10)) {
  return new ReadableStream(
    {
      pull(controller) {
        events.push("pull");
        if (pieces-- > 0) controller.enqueue(piece());
        else controller.close();
      },
      cancel: (reason) => void events.push(["cancel", reason]),
    },
    { highWaterMark: 0 },
  );
}

const failing = () =>
  new ReadableStream({
    pull() {
      throw new Error("source failed");
    },
  });

describe("outcomeOf", () => {
  test("waits for the end and the callbacks, and reads nothing", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen(source(events, 0), async () => {
      await Promise.resolve();
      events.push("callback");
    });
    const outcome = outcomeOf(response).then(({ type }) => events.push(type));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(events).toEqual([]);
    await response.text();
    await outcome;
    expect(events).toEqual(["pull", "callback", "completed"]);
  });

  test("finds the outcome by the body of a re-wrapped response, and by what a wrapped handler answers", async () => {
    const response = new ResponseThen("Hello", () => {});
    const rewrapped = new Response(response.body, { status: 201 });
    const platform = { method: "GET", fixedLimit: SMALL };
    const answered = await wrapHandler(
      () => new ResponseThen("Hello", () => {}),
      () => platform,
    )(new Request("http://localhost/"));
    const outcomes = [outcomeOf(rewrapped), outcomeOf(answered)];
    await rewrapped.text();
    expect((await Promise.all(outcomes)).map(({ observed }) => observed)).toEqual(["pulled", "handed-over"]);
  });

  test("throws for what has no callbacks, and for what is no response", () => {
    expect(() => outcomeOf(new Response("Hello"))).toThrow(
      new TypeError(`response: expected a ResponseThen, got a Response without callbacks${READ_ON}`),
    );
    expect(() => outcomeOf("Hello" as unknown as Response)).toThrow(
      new TypeError(`response: expected a ResponseThen, got string Hello${READ_ON}`),
    );
  });
});

describe("consume", () => {
  test.each<[string, () => BodyInit | null, Partial<Outcome>]>([
    ["a text", () => "Hello", { type: "completed", bytes: 5 }],
    ["no body", () => null, { type: "completed", bytes: 0 }],
    ["a stream", () => source([], 3), { type: "completed", bytes: 30 }],
    ["a source that fails", failing, { type: "errored", error: new Error("source failed") } as Partial<Outcome>],
  ])("reads %s to its end, when the callbacks have settled", async (_, body, outcome) => {
    const told: Outcome[] = [];
    expect(await consume(new ResponseThen(body(), (given) => void told.push(given)))).toBe(told[0]);
    expect(told).toMatchObject([outcome]);
  });

  test("throws for a body that is in use", async () => {
    const response = new ResponseThen("Hello", () => {});
    const reader = response.body?.getReader();
    expect(() => consume(response)).toThrow(TypeError);
    await reader?.cancel();
  });
});

describe("abort", () => {
  test("leaves before the first byte, without a reason", async () => {
    const events: unknown[] = [];
    const outcome = await abort(new ResponseThen(source(events), () => {}));
    expect(outcome).toMatchObject({ type: "canceled", phase: "before-body", bytes: 0 });
    expect(events).toEqual([["cancel", undefined]]);
  });

  test("leaves after so many bytes, whole pieces, with the reason given", async () => {
    const events: unknown[] = [];
    const reason = new Error("left");
    const outcome = await abort(new ResponseThen(source(events), () => {}), 15, reason);
    expect(outcome).toMatchObject({ type: "canceled", phase: "mid-body", bytes: 20, reason });
    expect(events).toEqual(["pull", "pull", ["cancel", reason]]);
  });

  test("tells of the end where that comes first", async () => {
    expect(await abort(new ResponseThen(source([], 2), () => {}), 100)).toMatchObject({ type: "completed", bytes: 20 });
    expect(await abort(new ResponseThen(failing(), () => {}), 100)).toMatchObject({ type: "errored", bytes: 0 });
  });

  test("throws a RangeError for a number of bytes that is none", async () => {
    const response = new ResponseThen("Hello", () => {});
    await expect(abort(response, -1)).rejects.toThrow(
      new RangeError(`afterBytes: expected a number, 0 or more, got number -1${READ_ON}`),
    );
    await abort(response);
  });
});

describe("stall", () => {
  test("reads nothing until it is told to, and then no more than that", async () => {
    const events: unknown[] = [];
    const client = stall(new ResponseThen(source(events, 5), () => void events.push("callback")));
    expect(events).toEqual([]);
    expect(await client.read(25)).toBe(30);
    expect(events).toEqual(["pull", "pull", "pull"]);
    expect(await client.resume()).toMatchObject({ type: "completed", bytes: 50 });
    expect(events.at(-1)).toBe("callback");
  });

  test("counts text by its bytes, and what there is where that is less", async () => {
    const client = stall(
      new ResponseThen(
        source([], 2, () => new TextEncoder().encode("é")),
        () => {},
      ),
    );
    expect(await client.read(100)).toBe(4);
    expect(await client.leave()).toMatchObject({ type: "completed", bytes: 4 });
  });

  test("of a response without a body reads 0 bytes", async () => {
    const client = stall(new ResponseThen(null, () => {}));
    expect([await client.read(1), (await client.leave()).type]).toEqual([0, "completed"]);
  });

  // It goes out as that of a plain response, and nobody tells what the client does with it.
  test("of a fixed body that a wrapped handler answered reads it, though it has ended at the hand-over", async () => {
    const host = { method: "GET", fixedLimit: SMALL };
    const answer = wrapHandler(
      () => new ResponseThen("Hello", () => {}),
      () => host,
    );
    const client = stall(await answer(new Request("http://localhost/")));
    expect(await client.read(1)).toBe(5);
    expect(await client.resume()).toMatchObject({ type: "completed", observed: "handed-over", bytes: 5 });
  });

  test("of a stream that a wrapped handler answered is the client that it ends by", async () => {
    const events: unknown[] = [];
    const answer = wrapHandler(
      () => new Response(source(events)),
      () => ({ method: "GET", fixedLimit: SMALL }),
      () => void events.push("callback"),
    );
    const client = stall(await answer(new Request("http://localhost/")));
    expect(events).toEqual([]);
    expect(await client.read(15)).toBe(20);
    expect(await client.leave("left")).toMatchObject({ type: "canceled", observed: "pulled", bytes: 20 });
    expect(events).toEqual(["pull", "pull", ["cancel", "left"], "callback"]);
  });

  // Rule 5: the callbacks wait for the producer, and so does who waits for them.
  test("that leaves is told when the producer has stopped", async () => {
    const events: unknown[] = [];
    const stream = new ReadableStream({
      cancel: async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        events.push("stopped");
      },
    });
    const before = performance.now();
    const client = stall(new ResponseThen(stream, () => void events.push("callback")));
    const leaving = client.leave();
    const left = performance.now() - before;
    const outcome = await leaving;
    expect([outcome, events]).toEqual([
      expect.objectContaining({ type: "canceled", released: true }),
      ["stopped", "callback"],
    ]);
    expect(outcome.duration).toBeLessThanOrEqual(left);
  });
});

describe("under fake timers that are installed after the library was loaded", () => {
  test("callbacks start in real time, and their timeout is that of the fake clock", async () => {
    vi.useFakeTimers();
    let begin = (_signal: AbortSignal) => {};
    const begun = new Promise<AbortSignal>((resolve) => {
      begin = resolve;
    });
    const errors: unknown[] = [];
    const wait = (_outcome: Outcome, { signal }: { signal: AbortSignal }) => {
      begin(signal);
      return new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => resolve());
      });
    };
    const onError = (error: unknown) => errors.push(error);
    const outcome = consume(new ResponseThen("Hello", wait, { timeout: 1_000, onError }));
    const signal = await begun;
    await vi.advanceTimersByTimeAsync(999);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.aborted).toBe(true);
    expect(await outcome).toMatchObject({ type: "completed", bytes: 5 });
    expect(errors).toEqual([expect.objectContaining({ name: "TimeoutError" })]);
  });
});
