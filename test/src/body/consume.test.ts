import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Broken, consumeSource } from "../../../src/body/consume.ts";
import { type ConsumeLimit, type Outcome, ResponseThen } from "../../../src/index.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const bytes = (size: number) => new Uint8Array(size);
const never = Number.POSITIVE_INFINITY;

/** A source by hand: the test says what it gives and when, and sees what becomes of it. */
function openSource(events: unknown[] = []) {
  let controller: ReadableStreamDefaultController<unknown> | undefined;
  const stream = new ReadableStream<unknown>(
    {
      start(opened) {
        controller = opened;
      },
      cancel(reason) {
        events.push(["source canceled", reason]);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, source: controller as ReadableStreamDefaultController<unknown> };
}

describe("consumeSource", () => {
  test("reads to the end, counts the bytes, and frees the source", async () => {
    const { stream, source } = openSource();
    for (const chunk of [bytes(3), bytes(0), bytes(4)]) source.enqueue(chunk);
    source.close();
    const consumed = await consumeSource(stream.getReader(), { bytes: never, ms: never }, "left", undefined);
    expect([consumed, stream.locked]).toEqual([{ bytes: 7, whole: true }, false]);
  });

  test("counts text by its UTF-8, views by their own length, and what is neither as nothing", async () => {
    const { stream, source } = openSource();
    for (const chunk of ["äöü", bytes(10).subarray(4), new ArrayBuffer(5), { an: "object" }, undefined, null, 7]) {
      source.enqueue(chunk);
    }
    source.close();
    const consumed = await consumeSource(stream.getReader(), { bytes: never, ms: never }, "left", undefined);
    expect(consumed).toEqual({ bytes: 17, whole: true });
  });

  test("counts the read that was under way, and reads it only once", async () => {
    const { stream, source } = openSource();
    const reader = stream.getReader();
    const pending = reader.read();
    source.enqueue(bytes(5));
    source.enqueue(bytes(2));
    source.close();
    expect(await consumeSource(reader, { bytes: never, ms: never }, "left", pending)).toEqual({
      bytes: 7,
      whole: true,
    });
  });

  test("up to the limit exactly is whole, and one byte more is not", async () => {
    const results: unknown[] = [];
    for (const limit of [7, 6]) {
      const { stream, source } = openSource();
      source.enqueue(bytes(3));
      source.enqueue(bytes(4));
      source.close();
      results.push(await consumeSource(stream.getReader(), { bytes: limit, ms: never }, "left", undefined));
    }
    expect(results).toEqual([
      { bytes: 7, whole: true },
      { bytes: 7, whole: false },
    ]);
  });

  test("over the limit of bytes reads no further, and cancels the source once with the reason", async () => {
    const events: unknown[] = [];
    let pulls = 0;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulls++;
          controller.enqueue(bytes(10));
        },
        cancel: (reason) => void events.push(["source canceled", reason]),
      },
      { highWaterMark: 0 },
    );
    const consumed = await consumeSource(endless.getReader(), { bytes: 25, ms: never }, "left", undefined);
    expect([consumed, pulls, events]).toEqual([{ bytes: 30, whole: false }, 3, [["source canceled", "left"]]]);
    expect(endless.locked).toBe(false);
  });

  test("over the limit of ms cancels an idle source once with the reason", async () => {
    const events: unknown[] = [];
    const { stream, source } = openSource(events);
    source.enqueue(bytes(4));
    const consumed = await consumeSource(stream.getReader(), { bytes: never, ms: 5 }, "left", undefined);
    expect([consumed, events, stream.locked]).toEqual([
      { bytes: 4, whole: false },
      [["source canceled", "left"]],
      false,
    ]);
  });

  // Guards against waiting for a source that never answers its cancel, or that fails in it.
  test.for([
    ["never settles", () => new Promise<void>(() => {})],
    ["rejects", () => Promise.reject(new Error("cancel failed"))],
  ] as const)("over a limit does not mind a source whose cancel %s", async ([, cancel]) => {
    const source = new ReadableStream<Uint8Array>({ cancel }, { highWaterMark: 0 });
    const consumed = await consumeSource(source.getReader(), { bytes: never, ms: 5 }, "left", undefined);
    expect(consumed).toEqual({ bytes: 0, whole: false });
  });

  test("tells the source's own error, and frees the source", async () => {
    const { stream, source } = openSource();
    const failure = new Error("broken");
    source.enqueue(bytes(1));
    const broken: Broken = {};
    const consumed = consumeSource(stream.getReader(), { bytes: never, ms: never }, "left", undefined, broken);
    source.error(failure);
    expect([await consumed, broken.failure?.error]).toEqual([{ bytes: 1, whole: false }, failure]);
    expect(stream.locked).toBe(false);
  });

  test("clears its timer however it ends, and sets none for a limit of Infinity", async () => {
    const timers = vi.spyOn(globalThis, "setTimeout");
    const cleared = vi.spyOn(globalThis, "clearTimeout");
    const ended = openSource();
    ended.source.close();
    const failed = openSource();
    failed.source.error("broken");
    const limits = { bytes: never, ms: 60_000 };
    await consumeSource(ended.stream.getReader(), limits, "left", undefined);
    await consumeSource(failed.stream.getReader(), limits, "left", undefined);
    expect(timers).toHaveBeenCalledTimes(2);
    for (const { value } of timers.mock.results) expect(cleared).toHaveBeenCalledWith(value);
    await consumeSource(ended.stream.getReader(), { bytes: never, ms: never }, "left", undefined);
    expect(timers).toHaveBeenCalledTimes(2);
  });
});

describe('onCancel: "consume"', () => {
  const reason = new Error("client left");

  /** A response that consumes, its source, and its events in one list. */
  function open(consumeLimit?: ConsumeLimit) {
    const events: unknown[] = [];
    const { stream, source } = openSource(events);
    const response = new ResponseThen(
      stream as ReadableStream<Uint8Array<ArrayBuffer>>,
      ({ type }) => events.push(type),
      {
        onCancel: "consume",
        consumeLimit,
      },
    );
    return { events, stream, source, response, reader: (response.body as ReadableStream).getReader() };
  }

  test("reads on to the end, and only then runs the callback", async () => {
    const { events, stream, source, response, reader } = open();
    source.enqueue(bytes(10));
    await reader.read();
    await reader.cancel(reason);
    events.push("reader left");
    source.enqueue(bytes(20));
    await macrotask();
    await macrotask();
    events.push("source still open");
    source.enqueue(bytes(30));
    source.close();
    const outcome = await response.finished;
    expect(events).toEqual(["reader left", "source still open", "canceled"]);
    expect(outcome).toMatchObject({
      type: "canceled",
      reason,
      phase: "mid-body",
      bytes: 10,
      chunks: 1,
      consumed: { bytes: 50, whole: true },
    });
    expect(stream.locked).toBe(false);
  });

  test("before anything was read reads the whole source", async () => {
    const { source, response, reader } = open();
    source.enqueue(bytes(20));
    source.close();
    await reader.cancel(reason);
    expect(await response.finished).toMatchObject({
      phase: "before-body",
      bytes: 0,
      consumed: { bytes: 20, whole: true },
    });
  });

  // Guards against losing the chunk that the reader had asked for and never got.
  test("counts the read that was pending at the time of the cancel", async () => {
    const { source, response, reader } = open();
    const pending = reader.read();
    await macrotask();
    await reader.cancel(reason);
    source.enqueue(bytes(40));
    source.enqueue(bytes(2));
    source.close();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await response.finished).toMatchObject({ bytes: 0, consumed: { bytes: 42, whole: true } });
  });

  test("counts a chunk that the source gave in the same turn as the cancel", async () => {
    const { source, response, reader } = open();
    const pending = reader.read();
    await macrotask();
    source.enqueue(bytes(40));
    const canceled = reader.cancel(reason);
    source.close();
    await Promise.all([pending, canceled]);
    const { bytes: handed, ...outcome } = (await response.finished) as Extract<Outcome, { type: "canceled" }>;
    expect(handed + (outcome.consumed?.bytes ?? 0)).toBe(40);
  });

  test.for([
    ["bytes", { bytes: 25 }],
    ["ms", { ms: 5 }],
  ] as const)(
    "past the limit of %s is not whole, and the source is canceled once with the client's reason",
    async ([, limit]) => {
      const { events, stream, source, response, reader } = open(limit);
      await reader.cancel(reason);
      for (const size of [20, 20, 20]) if ("bytes" in limit) source.enqueue(bytes(size));
      const outcome = await response.finished;
      expect(events).toEqual([["source canceled", reason], "canceled"]);
      expect(outcome).toMatchObject({
        type: "canceled",
        reason,
        consumed: { bytes: "bytes" in limit ? 40 : 0, whole: false },
      });
      expect(stream.locked).toBe(false);
    },
  );

  // It was told as errored: what a proxy reads on fails because its client has left.
  test("of a source that fails meanwhile ends as canceled, with its error as the cause", async () => {
    const { events, source, response, reader } = open();
    const failure = new Error("broken");
    source.enqueue(bytes(10));
    await reader.read();
    await reader.cancel(reason);
    source.error(failure);
    const outcome = await response.finished;
    expect(events).toEqual(["canceled"]);
    expect(outcome).toMatchObject({ type: "canceled", phase: "mid-body", bytes: 10 });
    expect(outcome).toMatchObject({ reason: { cause: failure }, consumed: { bytes: 0, whole: false } });
  });

  test("of a source that had already failed ends as canceled too", async () => {
    const { source, response, reader } = open();
    source.error("broken before");
    await reader.cancel(reason);
    expect(await response.finished).toMatchObject({
      type: "canceled",
      reason: { cause: "broken before" },
      phase: "before-body",
      consumed: { bytes: 0, whole: false },
    });
  });

  test("leaves the duration that of the cancel", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const { source, response, reader } = open();
    now.mockReturnValue(1_070);
    await reader.cancel(reason);
    now.mockReturnValue(5_000);
    source.enqueue(bytes(1));
    source.close();
    expect(await response.finished).toMatchObject({ duration: 70, consumed: { bytes: 1, whole: true } });
  });

  test("does not wait in the reader's cancel, and a second cancel changes nothing", async () => {
    const { events, source, response, reader } = open();
    await reader.cancel(reason);
    await reader.cancel(new Error("again"));
    source.close();
    expect(await response.finished).toMatchObject({ reason, consumed: { bytes: 0, whole: true } });
    expect(events).toEqual(["canceled"]);
  });

  test("makes no difference to a body that is read to its end", async () => {
    const { events, source, response, reader } = open();
    source.enqueue(bytes(5));
    source.close();
    await reader.read();
    expect((await reader.read()).done).toBe(true);
    const outcome = await response.finished;
    expect(outcome).toMatchObject({ type: "completed", bytes: 5 });
    expect(outcome).not.toHaveProperty("consumed");
    expect(events).toEqual(["completed"]);
  });

  test("has nothing to read on from a fixed body", async () => {
    const response = new ResponseThen("data", () => {}, { onCancel: "consume" });
    await response.body?.cancel(reason);
    const outcome = await response.finished;
    expect(outcome).toMatchObject({ type: "canceled", reason, bytes: 0 });
    expect(outcome).not.toHaveProperty("consumed");
  });

  test("gives a reason that is no Error to the source as it is, and to the outcome as the cause", async () => {
    const { events, response, reader } = open({ ms: 0 });
    await reader.cancel("resource closed");
    expect(await response.finished).toMatchObject({ reason: { name: "AbortError", cause: "resource closed" } });
    expect(events).toEqual([["source canceled", "resource closed"], "canceled"]);
  });

  // A source is not locked before it is read, so somebody else may take it first: the response must end all the same.
  test.for(["cancel", "consume"] as const)(
    "and %s: a source that somebody else locked meanwhile ends the response",
    async (onCancel) => {
      const { stream } = openSource();
      const response = new ResponseThen(stream as ReadableStream<Uint8Array<ArrayBuffer>>, () => {}, { onCancel });
      stream.getReader();
      await response.body?.cancel(reason).catch(() => {});
      const late = new Promise((resolve) => setTimeout(resolve, 200, "never ended"));
      expect(await Promise.race([response.finished, late])).toMatchObject({ type: "canceled" });
    },
  );
});

// As workerd's do: by the standard a read that a cancel finds pending ends as done.
describe("a pending read that fails by the cancel", () => {
  /** A source that gives nothing, and whose read fails when it is canceled. */
  function failing() {
    let fail: (error: Error) => void = () => {};
    const source = new ReadableStream();
    const reader = {
      read: () => new Promise<never>((_, reject) => (fail = reject)),
      cancel: async () => fail(new Error("canceled")),
      releaseLock() {},
      closed: new Promise<never>(() => {}),
    };
    Object.defineProperty(source, "getReader", { value: () => reader });
    return source;
  }

  test("is no failure of the source: where a limit stops the reading, the outcome is canceled", async () => {
    const response = new ResponseThen(failing(), () => {}, { onCancel: "consume", consumeLimit: { ms: 5 } });
    const reader = response.body?.getReader();
    void reader?.read();
    await reader?.cancel("left");
    expect(await response.finished).toMatchObject({ type: "canceled", consumed: { bytes: 0, whole: false } });
  });

  test("is no failure of the source: where the reader leaves, the outcome is canceled", async () => {
    const response = new ResponseThen(failing(), () => {});
    const reader = response.body?.getReader();
    const pending = reader?.read();
    await reader?.cancel("left");
    expect([await pending, await response.finished]).toMatchObject([{ done: true }, { type: "canceled" }]);
  });
});
