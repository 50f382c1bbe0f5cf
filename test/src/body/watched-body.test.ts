import { setTimeout as pause } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Canceled, type Errored, type Outcome, ResponseThen } from "../../../src/index.ts";

type Event = string | readonly unknown[];

const KINDS = [undefined, "bytes"] as const;
const nothing = () => {};
const numbers = (length: number, from = 0) => Uint8Array.from({ length }, (_, i) => (from + i) % 251);

/** A source that notes in `events` what is done to it. */
function noted(events: Event[], chunks: unknown[], type?: "bytes"): ReadableStream {
  const rest = [...chunks];
  const source = {
    type,
    pull(controller: ReadableStreamController<unknown>) {
      events.push("pull");
      const chunk = rest.shift();
      if (chunk instanceof Error) controller.error(chunk);
      else if (chunk !== undefined) controller.enqueue(chunk as ArrayBufferView<ArrayBuffer>);
      else {
        controller.close();
        (controller as ReadableByteStreamController).byobRequest?.respond(0);
      }
    },
    cancel: (reason: unknown) => void events.push(["source canceled", reason]),
  };
  return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
}

/** A source that its test feeds by hand. */
function fed(events: Event[], type?: "bytes") {
  let controller!: ReadableStreamController<unknown>;
  const source = {
    type,
    start: (given: ReadableStreamController<unknown>) => {
      controller = given;
    },
    cancel: (reason: unknown) => void events.push(["source canceled", reason]),
  };
  const stream = new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
  const give = (length: number) => controller.enqueue(new Uint8Array(length));
  return { stream, give, fail: (error: unknown) => controller.error(error), close: () => controller.close() };
}

/** A source whose `cancel()` settles when its test says so. */
function stopping(type?: "bytes") {
  let stop!: () => void;
  let fail!: (error: unknown) => void;
  const stopped = new Promise<void>((resolve, reject) => {
    stop = resolve;
    fail = reject;
  });
  const stream = new ReadableStream({ type, cancel: () => stopped } as UnderlyingDefaultSource);
  return { stream, stop, fail };
}

afterEach(() => {
  vi.useRealTimers();
});

/** A callback that notes its outcome in `events`. */
const noteIn =
  (events: Event[]) =>
  ({ type, bytes, chunks }: Outcome) =>
    void events.push(["callback", type, bytes, chunks]);

const readerOf = (response: Response) => (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
const outcomeOf = <T extends Outcome>(response: ResponseThen) => response.finished as Promise<T>;
const messageOf = (promise: Promise<unknown> | undefined) =>
  Promise.resolve(promise).then(
    () => "fulfilled",
    (error) => error?.message ?? error,
  );

describe.for(KINDS)("a watched stream (type %s) is lazy", (type) => {
  test("the source is neither locked nor pulled before the first read", async () => {
    const events: Event[] = [];
    const source = noted(events, [numbers(5)], type);
    const response = new ResponseThen(source, nothing);
    await pause(5);
    expect([source.locked, response.bodyUsed, events]).toEqual([false, false, []]);
    const reader = readerOf(response);
    await pause(5);
    expect([source.locked, events]).toEqual([false, []]);
    const first = reader.read();
    expect(source.locked).toBe(true);
    expect((await first).value).toEqual(numbers(5));
    await reader.cancel();
    await response.finished;
  });

  test("each read pulls once, and nothing is read ahead", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(noted(events, [1, 2, 3].map(numbers as (n: number) => unknown), type), nothing);
    const reader = readerOf(response);
    for (const count of [1, 2, 3]) {
      await reader.read();
      await pause(2);
      expect(events).toHaveLength(count);
    }
    expect((await reader.read()).done).toBe(true);
    expect(events).toHaveLength(4);
    await response.finished;
  });

  // A middleware that re-wraps the body loses the class, and must not lose the callback.
  test("new Response(response.body, response) keeps the callback", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(noted([], [numbers(3)], type), noteIn(events), { status: 201 });
    const rewrapped = new Response(response.body, response);
    expect([rewrapped.status, (await rewrapped.arrayBuffer()).byteLength]).toEqual([201, 3]);
    expect((await response.finished).response).toBe(response);
    expect(events).toEqual([["callback", "completed", 3, 1]]);
  });
});

describe.for(KINDS)("a watched stream (type %s) hands over pieces", (type) => {
  test("of at most 64 KiB, each in its own read, with one pull of the source", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(noted(events, [numbers(200_000)], type), nothing);
    const sizes: number[] = [];
    const all: number[] = [];
    for await (const piece of response.body ?? []) {
      sizes.push(piece.byteLength);
      all.push(...piece);
    }
    expect(sizes).toEqual([65_536, 65_536, 65_536, 3_392]);
    expect(Uint8Array.from(all)).toEqual(numbers(200_000));
    expect(events).toEqual(["pull", "pull"]);
    expect(await response.finished).toMatchObject({ bytes: 200_000, chunks: 4 });
  });

  test.for([65_535, 65_536, 65_537, 131_072])("whole, at the edge of %i bytes", async (size) => {
    const response = new ResponseThen(noted([], [numbers(size)], type), nothing);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(numbers(size));
    expect(await response.finished).toMatchObject({ bytes: size, chunks: Math.ceil(size / 65_536) });
  });

  // A server may pass a piece on to another thread: that must not take the rest of the chunk along.
  test("of which a reader may transfer the buffers, without losing the rest", async () => {
    const response = new ResponseThen(noted([], [numbers(300_000), numbers(10)], type), nothing);
    const all: number[] = [];
    for await (const piece of response.body ?? []) {
      const { buffer, byteOffset, byteLength } = piece;
      const taken = structuredClone(buffer, { transfer: [buffer] });
      all.push(...new Uint8Array(taken, byteOffset, byteLength));
      expect(piece.byteLength).toBe(0);
    }
    expect(Uint8Array.from(all)).toEqual(Uint8Array.from([...numbers(300_000), ...numbers(10)]));
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 300_010 });
  });

  test("of which a chunk of 64 MiB makes many: a cancel after 300 KB counts 5 of them", async () => {
    const events: Event[] = [];
    const reason = new Error("enough");
    const response = new ResponseThen(noted(events, [new Uint8Array(64 * 2 ** 20)], type), noteIn(events));
    const reader = readerOf(response);
    let read = 0;
    while (read < 300_000) read += (await reader.read()).value?.byteLength ?? 0;
    await reader.cancel(reason);
    expect(await response.finished).toMatchObject({ type: "canceled", phase: "mid-body", bytes: 327_680, chunks: 5 });
    expect(read).toBe(327_680);
    expect(events).toEqual(["pull", ["source canceled", reason], ["callback", "canceled", 327_680, 5]]);
  });

  test("also 10,000 tiny ones", async () => {
    const chunks = Array.from({ length: 10_000 }, (_, i) => numbers(1, i));
    const response = new ResponseThen(noted([], chunks, type), nothing);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(numbers(10_000));
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 10_000, chunks: 10_000 });
  });
});

describe("a watched default stream", () => {
  test("hands over a chunk that is no Uint8Array as it came, and counts its bytes", async () => {
    const chunks = ["tëxt", new ArrayBuffer(5), new DataView(new ArrayBuffer(7)), 5, null, {}];
    const response = new ResponseThen(noted([], chunks), nothing);
    const seen: unknown[] = [];
    for await (const chunk of response.body as ReadableStream) seen.push(chunk);
    expect(seen).toEqual(chunks);
    seen.forEach((chunk, i) => {
      expect(chunk).toBe(chunks[i]);
    });
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 5 + 5 + 7, chunks: 6 });
  });

  test("hands over empty chunks", async () => {
    const response = new ResponseThen(noted([], [numbers(0), numbers(2), numbers(0)]), nothing);
    const sizes: number[] = [];
    for await (const { byteLength } of response.body ?? []) sizes.push(byteLength);
    expect(sizes).toEqual([0, 2, 0]);
    expect(await response.finished).toMatchObject({ bytes: 2 });
  });
});

describe.for(KINDS)("a cancel by the reader (source of type %s)", (type) => {
  test("before the first read", async () => {
    const events: Event[] = [];
    const reason = new Error("left");
    const source = noted(events, [numbers(5)], type);
    const response = new ResponseThen(source, noteIn(events));
    await response.body?.cancel(reason);
    const outcome = await outcomeOf<Canceled>(response);
    expect(outcome).toMatchObject({ type: "canceled", phase: "before-body", bytes: 0, chunks: 0 });
    expect(outcome.reason).toBe(reason);
    expect(events).toEqual([
      ["source canceled", reason],
      ["callback", "canceled", 0, 0],
    ]);
    expect(source.locked).toBe(false);
  });

  test("in the middle of the body, with reads in between", async () => {
    const events: Event[] = [];
    const reason = { no: "error" };
    const source = noted(events, [numbers(5), numbers(6)], type);
    const response = new ResponseThen(source, noteIn(events));
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel(reason);
    expect(await outcomeOf<Canceled>(response)).toMatchObject({ phase: "mid-body", bytes: 5 });
    expect((await reader.read()).done).toBe(true);
    expect(events).toEqual(["pull", ["source canceled", reason], ["callback", "canceled", 5, 1]]);
    expect(events[1]?.[1]).toBe(reason);
    expect(source.locked).toBe(false);
  });

  test("in the middle of a large chunk", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(noted(events, [numbers(100_000)], type), noteIn(events));
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel("left");
    await response.finished;
    expect(events).toEqual(["pull", ["source canceled", "left"], ["callback", "canceled", 65_536, 1]]);
  });

  test("while the source is idle and a read is pending: the read ends as done", async () => {
    const events: Event[] = [];
    const { stream, give } = fed(events, type);
    const response = new ResponseThen(stream, noteIn(events));
    const reader = readerOf(response);
    const first = reader.read();
    give(4);
    events.push(["read", (await first).value?.byteLength]);
    const pending = reader.read().then(({ done }) => events.push(["read", done]));
    await pause(2);
    await reader.cancel("left");
    await pending;
    await response.finished;
    expect(events.filter(([name]) => name !== "read")).toEqual([
      ["source canceled", "left"],
      ["callback", "canceled", 4, 1],
    ]);
    expect(events.filter(([name]) => name === "read")).toEqual([
      ["read", 4],
      ["read", true],
    ]);
    expect(stream.locked).toBe(false);
  });

  // Between the source's chunk and the reader lie some microtasks: what the reader did not get must not count.
  test.for(Array.from({ length: 12 }, (_, i) => i))(
    "%i microtasks after a chunk counts what was read",
    async (count) => {
      const events: Event[] = [];
      const { stream, give } = fed(events, type);
      const response = new ResponseThen(stream, noteIn(events));
      const reader = readerOf(response);
      const pending = reader.read();
      await pause(1);
      give(10);
      for (let i = 0; i < count; i++) await Promise.resolve();
      const canceled = reader.cancel("left");
      const got = (await pending).value?.byteLength ?? 0;
      await canceled;
      await response.finished;
      expect(events).toEqual([
        ["source canceled", "left"],
        ["callback", "canceled", got, got && 1],
      ]);
    },
  );

  test.for(Array.from({ length: 12 }, (_, i) => i))("%i microtasks after the source's end ends once", async (count) => {
    const events: Event[] = [];
    const { stream, close } = fed(events, type);
    const response = new ResponseThen(stream, noteIn(events));
    const reader = readerOf(response);
    const pending = reader.read();
    await pause(1);
    close();
    for (let i = 0; i < count; i++) await Promise.resolve();
    await reader.cancel("left");
    expect((await pending).done).toBe(true);
    const { type: end } = await response.finished;
    await pause(2);
    expect(["completed", "canceled"]).toContain(end);
    expect(events).toEqual([["callback", end, 0, 0]]);
    expect(stream.locked).toBe(false);
  });

  const foreign = runInNewContext("new Error('foreign')") as Error;
  const dom = new DOMException("aborted", "AbortError");
  test.for([
    ["nothing", undefined],
    ["null", null],
    ["a string", "resource closed"],
    ["a number", 0],
    ["an object", { code: 5 }],
    ["an error of another realm", foreign],
  ] as [string, unknown][])("with %s as its reason becomes an Error with a cause", async ([name, given]) => {
    const events: Event[] = [];
    const response = new ResponseThen(noted(events, [], type), nothing);
    if (name === "nothing") await response.body?.cancel();
    else await response.body?.cancel(given);
    const { reason } = await outcomeOf<Canceled>(response);
    expect(reason).toBeInstanceOf(Error);
    expect([reason.name, reason.message]).toEqual(["AbortError", "The response was canceled before its end"]);
    expect(reason.cause).toBe(given);
    expect(events).toHaveLength(1);
    expect(events[0]?.[1]).toBe(given);
  });

  test.for([
    ["an Error", new Error("left")],
    ["a TypeError", new TypeError("left")],
    ["a DOMException", dom],
  ] as [string, Error][])("with %s as its reason gives that very error", async ([, given]) => {
    const response = new ResponseThen(noted([], [], type), nothing);
    await response.body?.cancel(given);
    expect((await outcomeOf<Canceled>(response)).reason).toBe(given);
  });

  test("twice cancels the source once", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(noted(events, [numbers(5)], type), noteIn(events));
    const reader = readerOf(response);
    await reader.read();
    await Promise.all([reader.cancel("first"), reader.cancel("second")]);
    await response.finished;
    await reader.cancel("third");
    await pause(5);
    expect(events).toEqual(["pull", ["source canceled", "first"], ["callback", "canceled", 5, 1]]);
  });

  // A pooled connection is not given back in the middle of its query.
  test("waits for the source's cancel, and so does the callback", async () => {
    const events: Event[] = [];
    const { stream, stop } = stopping(type);
    const response = new ResponseThen(stream, noteIn(events));
    const canceled = response.body?.cancel().then(() => events.push("canceled"));
    await pause(20);
    events.push("the source stops");
    stop();
    await canceled;
    expect(await outcomeOf<Canceled>(response)).toMatchObject({ type: "canceled", released: true });
    expect(events).toEqual(["the source stops", "canceled", ["callback", "canceled", 0, 0]]);
  });

  test("lasts until the reader left, however long the source takes to stop", async () => {
    const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
    const { stream, stop } = stopping(type);
    const response = new ResponseThen(stream, nothing);
    now.mockReturnValue(1_020);
    const canceled = response.body?.cancel();
    now.mockReturnValue(4_000);
    stop();
    await canceled;
    expect(await response.finished).toMatchObject({ duration: 20, released: true });
    now.mockRestore();
  });

  test("of a source that does not stop runs the callback after 5 s, and says so", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events: Event[] = [];
    const { stream, stop } = stopping(type);
    const response = new ResponseThen(stream, noteIn(events));
    const canceled = response.body?.cancel().then(() => events.push("canceled"));
    await vi.advanceTimersByTimeAsync(4_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await outcomeOf<Canceled>(response)).toMatchObject({ type: "canceled", released: false });
    stop();
    await canceled;
    expect((await outcomeOf<Canceled>(response)).released).toBe(false);
    expect(events).toEqual([["callback", "canceled", 0, 0], "canceled"]);
  });

  test("sets no timer that goes on when the source has stopped", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { stream, stop } = stopping(type);
    const response = new ResponseThen(stream, nothing);
    const canceled = response.body?.cancel();
    expect(vi.getTimerCount()).toBe(1);
    stop();
    await canceled;
    await response.finished;
    expect(vi.getTimerCount()).toBe(0);
  });

  test.for([
    [
      "throws",
      () => {
        throw new Error("cancel failed");
      },
    ],
    ["rejects", () => Promise.reject(new Error("cancel failed"))],
  ] as const)("of a source whose cancel() %s ends as canceled, with that as the cause", async ([, cancel]) => {
    for (const reads of [0, 1]) {
      const events: Event[] = [];
      const source = {
        type,
        pull: (controller: ReadableStreamController<Uint8Array>) => controller.enqueue(new Uint8Array(3)),
        cancel,
      };
      const stream = new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
      const response = new ResponseThen(stream, noteIn(events));
      const reader = readerOf(response);
      if (reads) await reader.read();
      expect(await messageOf(reader.cancel("left"))).toBe("cancel failed");
      const outcome = await outcomeOf<Canceled>(response);
      expect(outcome).toMatchObject({ type: "canceled", phase: reads ? "mid-body" : "before-body" });
      expect((outcome.reason.cause as Error).message).toBe("cancel failed");
      expect(outcome).not.toHaveProperty("error");
      expect(outcome.response).toBe(response);
      expect(events).toEqual([["callback", "canceled", 3 * reads, reads]]);
      expect(stream.locked).toBe(false);
    }
  });

  test("of bytes of our own ends as canceled", async () => {
    const events: Event[] = [];
    const response = new ResponseThen(numbers(100_000), noteIn(events));
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel("left");
    expect((await reader.read()).done).toBe(true);
    await response.finished;
    expect(events).toEqual([["callback", "canceled", 65_536, 1]]);
  });

  test("of an async generator runs its finally", async () => {
    const events: Event[] = [];
    async function* generate() {
      try {
        for (;;) yield new Uint8Array(5);
      } finally {
        events.push("generator's finally");
      }
    }
    const response = new ResponseThen(generate() as unknown as ReadableStream, noteIn(events));
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel("left");
    await response.finished;
    expect(events).toEqual(["generator's finally", ["callback", "canceled", 5, 1]]);
  });

  test("of an async generator waits for its finally, which may take time", async () => {
    const events: Event[] = [];
    async function* generate() {
      try {
        for (;;) yield new Uint8Array(5);
      } finally {
        await pause(20);
        events.push("generator's finally");
      }
    }
    const response = new ResponseThen(generate() as unknown as ReadableStream, noteIn(events));
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel("left");
    expect(await outcomeOf<Canceled>(response)).toMatchObject({ type: "canceled", released: true });
    expect(events).toEqual(["generator's finally", ["callback", "canceled", 5, 1]]);
  });
});

describe.for(KINDS)("a source that fails (type %s)", (type) => {
  test.for([0, 1, 2])("after %i chunks: the reader sees that very error, and the callback too", async (count) => {
    const events: Event[] = [];
    const error = new Error("source failed");
    const source = noted(
      events,
      [
        ...Array(count)
          .fill(new Uint8Array(4))
          .map((c) => c.slice()),
        error,
      ],
      type,
    );
    const response = new ResponseThen(source, noteIn(events));
    const reader = readerOf(response);
    for (let i = 0; i < count; i++) await reader.read();
    const seen = await reader.read().catch((error) => error);
    expect(seen).toBe(error);
    const outcome = await outcomeOf<Errored>(response);
    expect(outcome.error).toBe(error);
    expect(outcome.phase).toBe(count ? "mid-body" : "before-body");
    expect(events.slice(count + 1)).toEqual([["callback", "errored", 4 * count, count]]);
    expect(source.locked).toBe(false);
  });

  test.for([undefined, null, "text", 0])("with %s, which is no Error, is passed on unchanged", async (error) => {
    const { stream, fail } = fed([], type);
    const response = new ResponseThen(stream, nothing);
    fail(error);
    const seen = await readerOf(response)
      .read()
      .then(
        () => "a chunk",
        (error) => [error],
      );
    expect(seen).toEqual([error]);
    const outcome = await outcomeOf<Errored>(response);
    expect([outcome.type, outcome.error]).toEqual(["errored", error]);
  });

  test("before it is given fails at the first read", async () => {
    const { stream, fail } = fed([], type);
    const error = new Error("early");
    fail(error);
    const response = new ResponseThen(stream, nothing);
    expect(await response.text().catch((error) => error)).toBe(error);
    expect((await outcomeOf<Errored>(response)).error).toBe(error);
  });

  test("while a read is pending", async () => {
    const events: Event[] = [];
    const { stream, fail } = fed(events, type);
    const response = new ResponseThen(stream, noteIn(events));
    const pending = readerOf(response).read();
    await pause(1);
    fail(new Error("late"));
    expect(await messageOf(pending)).toBe("late");
    await response.finished;
    expect(events).toEqual([["callback", "errored", 0, 0]]);
  });

  // The reader was not told of the failure, which its leaving may have caused: a proxy was errored.
  test("while nobody reads, and is canceled then, ends as canceled, with the failure as the cause", async () => {
    for (const reads of [0, 1]) {
      const { stream, give, fail } = fed([], type);
      const error = new Error("between");
      const response = new ResponseThen(stream, nothing);
      const reader = readerOf(response);
      give(2);
      if (reads) await reader.read();
      fail(error);
      expect(await messageOf(reader.cancel("left"))).toBe("between");
      const outcome = await outcomeOf<Canceled>(response);
      expect(outcome).toMatchObject({ type: "canceled", bytes: 2 * reads });
      expect(outcome.reason.cause).toBe(error);
    }
  });

  test("by a pull that throws or rejects", async () => {
    const error = new Error("pull failed");
    const pulls = [
      () => {
        throw error;
      },
      () => Promise.reject(error),
    ];
    for (const pull of pulls) {
      const stream = new ReadableStream({ type, pull } as UnderlyingDefaultSource, { highWaterMark: 0 });
      const response = new ResponseThen(stream, nothing);
      expect(await response.text().catch((error) => error)).toBe(error);
      expect((await outcomeOf<Errored>(response)).error).toBe(error);
    }
  });
});

describe.for(KINDS)("a source that somebody else has locked since (type %s)", (type) => {
  test("errors the read, and the outcome", async () => {
    const events: Event[] = [];
    const source = noted(events, [numbers(5)], type);
    const response = new ResponseThen(source, noteIn(events));
    source.getReader();
    const error = await response.text().catch((error) => error);
    expect(error).toBeInstanceOf(TypeError);
    expect((await outcomeOf<Errored>(response)).error).toBe(error);
    expect(events).toEqual([["callback", "errored", 0, 0]]);
  });

  test("errors the cancel, and the outcome is canceled", async () => {
    const events: Event[] = [];
    const source = noted(events, [numbers(5)], type);
    const response = new ResponseThen(source, noteIn(events));
    source.getReader();
    await expect(response.body?.cancel("left")).rejects.toThrow(TypeError);
    await response.finished;
    expect(events).toEqual([["callback", "canceled", 0, 0]]);
  });

  // The lock fails inside the cancel: the response must end all the same, and not stay in flight for ever.
  test("is canceled with onCancel: consume too", async () => {
    const events: Event[] = [];
    const source = noted(events, [numbers(5)], type);
    const response = new ResponseThen(source, noteIn(events), { onCancel: "consume" });
    source.getReader();
    await messageOf(response.body?.cancel("left"));
    await Promise.race([response.finished, pause(5_000)]);
    expect(events).toEqual([["callback", "canceled", 0, 0]]);
  });
});

describe.for(KINDS)("what comes after the end changes nothing (type %s)", (type) => {
  test("after a cancel: chunks, an error, a close, another cancel", async () => {
    for (const act of ["give", "fail", "close"] as const) {
      const events: Event[] = [];
      const source = fed(events, type);
      const response = new ResponseThen(source.stream, noteIn(events));
      const reader = readerOf(response);
      const pending = reader.read();
      await pause(1);
      await reader.cancel("left");
      try {
        if (act === "fail") source.fail(new Error("after"));
        else if (act === "give") source.give(5);
        else source.close();
      } catch {
        // A closed stream takes no chunk.
      }
      expect((await pending).done).toBe(true);
      const outcome = await response.finished;
      await reader.cancel("again");
      await pause(5);
      expect(events).toEqual([
        ["source canceled", "left"],
        ["callback", "canceled", 0, 0],
      ]);
      expect(outcome).toBe(await response.finished);
    }
  });

  test("after completion: a cancel", async () => {
    const events: Event[] = [];
    const source = noted(events, [numbers(5)], type);
    const response = new ResponseThen(source, noteIn(events));
    const reader = readerOf(response);
    while (!(await reader.read()).done);
    await reader.cancel("late");
    expect((await response.finished).type).toBe("completed");
    await reader.cancel("later");
    await pause(5);
    expect(events).toEqual(["pull", "pull", ["callback", "completed", 5, 1]]);
    expect(source.locked).toBe(false);
  });

  test("after an error: reads and a cancel see the error again", async () => {
    const events: Event[] = [];
    const error = new Error("failed");
    const response = new ResponseThen(noted(events, [error], type), noteIn(events));
    const reader = readerOf(response);
    expect(await messageOf(reader.read())).toBe("failed");
    expect(await messageOf(reader.cancel("late"))).toBe("failed");
    expect(await messageOf(reader.read())).toBe("failed");
    await response.finished;
    await pause(5);
    expect(events).toEqual(["pull", ["callback", "errored", 0, 0]]);
  });

  test("a source's cancel() that rejects after the callbacks have run", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events: Event[] = [];
    const { stream, fail } = stopping(type);
    const response = new ResponseThen(stream, noteIn(events));
    const canceled = messageOf(response.body?.cancel("left"));
    await vi.advanceTimersByTimeAsync(5_000);
    const outcome = await response.finished;
    fail(new Error("too late"));
    expect(await canceled).toBe("too late");
    expect(outcome).toMatchObject({ type: "canceled", released: false });
    expect(await response.finished).toBe(outcome);
    expect(events).toEqual([["callback", "canceled", 0, 0]]);
  });
});

describe("a watched byte stream read with BYOB", () => {
  const byobOf = (response: Response) => (response.body as ReadableStream).getReader({ mode: "byob" });

  test("settles a read that is pending at the close, and gives the buffer back", async () => {
    const { stream, close } = fed([], "bytes");
    const response = new ResponseThen(stream, nothing);
    const reader = byobOf(response);
    const pending = reader.read(new Uint8Array(8));
    await pause(1);
    close();
    const { done, value } = await pending;
    expect([done, value?.byteLength, value?.buffer.byteLength]).toEqual([true, 0, 8]);
    expect((await response.finished).type).toBe("completed");
    await reader.closed;
  });

  test("settles several pending reads at the close of bytes of our own", async () => {
    const response = new ResponseThen(numbers(5), nothing);
    const reader = byobOf(response);
    const reads = await Promise.all([1, 2, 3].map(() => reader.read(new Uint8Array(4))));
    expect(reads.map(({ done, value }) => [done, value?.byteLength])).toEqual([
      [false, 4],
      [false, 1],
      [true, 0],
    ]);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 5, chunks: 1 });
  });

  test("settles a pending read at an error and at a cancel", async () => {
    const failing = fed([], "bytes");
    const failed = new ResponseThen(failing.stream, nothing);
    const pending = byobOf(failed).read(new Uint8Array(8));
    await pause(1);
    failing.fail(new Error("source failed"));
    expect(await messageOf(pending)).toBe("source failed");
    expect((await failed.finished).type).toBe("errored");

    const events: Event[] = [];
    const left = new ResponseThen(fed(events, "bytes").stream, nothing);
    const reader = byobOf(left);
    const waiting = reader.read(new Uint8Array(8));
    await pause(1);
    await reader.cancel("left");
    expect((await waiting).done).toBe(true);
    expect((await left.finished).type).toBe("canceled");
    expect(events).toEqual([["source canceled", "left"]]);
  });

  // The reader wants at least so many bytes: one piece after the other fills its view.
  test("fills a view of `min` bytes from several pieces", async () => {
    const response = new ResponseThen(noted([], [numbers(40), numbers(70_000, 40)], "bytes"), nothing);
    const reader = byobOf(response);
    const read = reader.read as (view: Uint8Array, options: { min: number }) => ReturnType<typeof reader.read>;
    const { value } = await read.call(reader, new Uint8Array(70_040), { min: 70_040 });
    expect(value).toEqual(numbers(70_040));
    expect((await reader.read(new Uint8Array(1))).done).toBe(true);
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 70_040, chunks: 3 });
  });

  // Five bytes do not fill a Uint16Array: the stream fails for its reader, and the response still ends.
  test("into elements that the body does not fill ends the response", async () => {
    const plain = byobOf(new Response(numbers(5)));
    const response = new ResponseThen(numbers(5), nothing);
    const reader = byobOf(response);
    const all = async (from: ReadableStreamBYOBReader) => {
      const first = await from.read(new Uint16Array(8)).catch((error) => error.name);
      const second = await from.read(new Uint16Array(8)).catch((error) => error.name);
      return [first, second].map((result) => (typeof result === "string" ? result : result.done));
    };
    expect(await all(reader)).toEqual(await all(plain));
    expect((await response.finished).bytes).toBe(5);
  });

  test("may change to a default reader in between", async () => {
    const response = new ResponseThen(noted([], [numbers(10)], "bytes"), nothing);
    const byob = byobOf(response);
    expect((await byob.read(new Uint8Array(4))).value).toEqual(numbers(4));
    byob.releaseLock();
    const reader = readerOf(response);
    expect((await reader.read()).value).toEqual(numbers(6, 4));
    expect((await reader.read()).done).toBe(true);
    expect((await response.finished).type).toBe("completed");
  });
});

describe.for(KINDS)("onCancel: consume (type %s)", (type) => {
  test("reads the source on to its end and frees it; the source is not canceled", async () => {
    const events: Event[] = [];
    const source = noted(events, [numbers(5), numbers(6), numbers(7)], type);
    const response = new ResponseThen(source, noteIn(events), { onCancel: "consume" });
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel("left");
    expect(await response.finished).toMatchObject({ type: "canceled", bytes: 5, consumed: { bytes: 13, whole: true } });
    expect(events).toEqual(["pull", "pull", "pull", "pull", ["callback", "canceled", 5, 1]]);
    expect(source.locked).toBe(false);
  });

  test("takes a read that was pending into the count", async () => {
    const { stream, give, close } = fed([], type);
    const response = new ResponseThen(stream, nothing, { onCancel: "consume" });
    const reader = readerOf(response);
    const pending = reader.read();
    await pause(1);
    await reader.cancel("left");
    expect((await pending).done).toBe(true);
    give(9);
    close();
    expect(await response.finished).toMatchObject({ type: "canceled", bytes: 0, consumed: { bytes: 9, whole: true } });
  });

  test("stops at the limit of bytes and cancels the source once, with the original reason", async () => {
    const events: Event[] = [];
    const chunks = Array.from({ length: 10 }, () => numbers(10));
    const options = { onCancel: "consume", consumeLimit: { bytes: 25 } } as const;
    const source = noted(events, chunks, type);
    const response = new ResponseThen(source, nothing, options);
    await response.body?.cancel("left");
    expect(await response.finished).toMatchObject({ type: "canceled", consumed: { bytes: 30, whole: false } });
    expect(events).toEqual(["pull", "pull", "pull", ["source canceled", "left"]]);
    expect(source.locked).toBe(false);
  });

  test("stops at the limit of time", async () => {
    const events: Event[] = [];
    const { stream, give } = fed(events, type);
    const response = new ResponseThen(stream, nothing, { onCancel: "consume", consumeLimit: { ms: 20 } });
    give(3);
    await response.body?.cancel("left");
    expect(await response.finished).toMatchObject({ type: "canceled", consumed: { bytes: 3, whole: false } });
    expect(events).toEqual([["source canceled", "left"]]);
    expect(stream.locked).toBe(false);
  });

  test("ends as canceled when the source fails meanwhile, with that as the cause", async () => {
    const error = new Error("failed");
    const response = new ResponseThen(noted([], [numbers(5), error], type), nothing, { onCancel: "consume" });
    await response.body?.cancel("left");
    const consumed = { bytes: 5, whole: false };
    expect(await outcomeOf<Canceled>(response)).toMatchObject({ reason: { cause: error }, bytes: 0, consumed });
  });
});
