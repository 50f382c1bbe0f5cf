import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { type BodyWriter, type WriteBody, writtenBody } from "../../../src/body/written-body.ts";
import { READ_ON } from "../../../src/expected.ts";
import { type Outcome, ResponseThen } from "../../../src/index.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const nothing = () => {};
const readerOf = (response: Response) => (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
const textOf = ({ value }: { value?: AllowSharedBufferSource | undefined }) => new TextDecoder().decode(value);
const messageOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "fulfilled",
    (error) => error.message,
  );

/** What a callback is told, without the times. */
const told = ({ type, bytes, chunks, ...rest }: Outcome) => {
  const { phase, error, reason } = rest as { phase?: string; error?: Error; reason?: Error };
  return { type, bytes, chunks, ...(phase && { phase }), ...(error && { error }), ...(reason && { reason }) };
};

describe("ResponseThen.stream", () => {
  test("answers with what the function writes, text and bytes, in its order, and completes", async () => {
    const outcomes: Outcome[] = [];
    const response = ResponseThen.stream(
      async (writer) => {
        await writer.write("text é ");
        await writer.write(new Uint8Array([49, 50]));
        await writer.write(new Uint16Array([0x3433]));
        await writer.write(new DataView(new Uint8Array([0, 53, 54, 0]).buffer, 1, 2));
        await writer.write(new Uint8Array([55]).buffer);
      },
      (outcome) => void outcomes.push(outcome),
      { status: 201, headers: { "x-made": "by hand" } },
    );
    expect(response).toBeInstanceOf(ResponseThen);
    expect([response.status, [...response.headers]]).toEqual([201, [["x-made", "by hand"]]]);
    expect(await response.text()).toBe("text é 1234567");
    await response.finished;
    expect(outcomes.map(told)).toEqual([{ type: "completed", bytes: 15, chunks: 5 }]);
    expect(outcomes[0]?.response).toBe(response);
  });

  test("of a subclass is of the subclass", () => {
    class Mine extends ResponseThen {}
    expect(Mine.stream(nothing, nothing)).toBeInstanceOf(Mine);
  });

  test("takes a function that is not async, and one that writes nothing", async () => {
    const quick = ResponseThen.stream((writer) => writer.write("quick"), nothing);
    expect(await quick.text()).toBe("quick");
    const empty = ResponseThen.stream(nothing, nothing);
    expect(await empty.text()).toBe("");
    expect(told(await empty.finished)).toEqual({ type: "completed", bytes: 0, chunks: 0 });
  });

  test.for([undefined, null, "text", {}])("throws for %s in place of the function", (write) => {
    expect(() => ResponseThen.stream(write as unknown as WriteBody, nothing)).toThrow(
      /^write: expected a function, got /,
    );
  });

  test("throws for callbacks that are none, and for a status that has no body, and calls nothing", async () => {
    const write = vi.fn();
    expect(() => ResponseThen.stream(write, 5 as never)).toThrow(TypeError);
    expect(() => ResponseThen.stream(write, nothing, { status: 204 })).toThrow("body: expected null for status 204");
    await pause(5);
    expect(write).not.toHaveBeenCalled();
  });
});

describe("nothing runs ahead of the reader", () => {
  test("the function is called at the first pull, once", async () => {
    const write = vi.fn((writer: BodyWriter) => writer.write("data"));
    const response = ResponseThen.stream(write, nothing);
    const reader = readerOf(response);
    await pause(5);
    expect(write).not.toHaveBeenCalled();
    expect(textOf(await reader.read())).toBe("data");
    expect((await reader.read()).done).toBe(true);
    expect(write).toHaveBeenCalledTimes(1);
  });

  test("write() fulfils when the reader asks for more, and not before", async () => {
    const events: string[] = [];
    const response = ResponseThen.stream(async (writer) => {
      for (const piece of ["a", "b", "c"]) {
        events.push(`makes ${piece}`);
        await writer.write(piece);
      }
      events.push("returns");
    }, nothing);
    const reader = readerOf(response);
    for (const piece of ["a", "b", "c"]) {
      events.push(`read ${textOf(await reader.read())}`);
      await pause(5);
      expect(events.at(-1)).toBe(`read ${piece}`);
    }
    expect((await reader.read()).done).toBe(true);
    expect(events).toEqual(["makes a", "read a", "makes b", "read b", "makes c", "read c", "returns"]);
  });

  test("a piece of more than 64 KiB holds the writer until its last part was asked for", async () => {
    let written = 0;
    const response = ResponseThen.stream(async (writer) => {
      for (; written < 2; written++) await writer.write(new Uint8Array(200_000).fill(97));
    }, nothing);
    const reader = readerOf(response);
    for (let parts = 0; parts < 4; parts++) {
      await reader.read();
      await pause(2);
      expect(written).toBe(0);
    }
    await reader.read();
    await vi.waitUntil(() => written === 1);
    await reader.cancel();
  });

  test("what is written without waiting is kept in its order, and the end comes after it", async () => {
    let waited: Promise<unknown[]> | undefined;
    const response = ResponseThen.stream((writer) => {
      waited = Promise.all([..."abc"].map((piece) => writer.write(piece)));
    }, nothing);
    expect(await response.text()).toBe("abc");
    await waited;
    expect(told(await response.finished)).toEqual({ type: "completed", bytes: 3, chunks: 3 });
  });

  test("two reads at once are two pulls", async () => {
    const stream = writtenBody(async (writer) => {
      await writer.write("a");
      await pause(2);
      await writer.write("b");
    });
    const reader = stream.getReader();
    const read = await Promise.all([reader.read(), reader.read(), reader.read()]);
    expect(read.map(({ done, value }) => (done ? "end" : textOf({ value })))).toEqual(["a", "b", "end"]);
  });

  test("an empty piece is none: it ends nothing and waits for nobody", async () => {
    const response = ResponseThen.stream(async (writer) => {
      for (const piece of ["", new Uint8Array(), "a", "", "b", ""]) await writer.write(piece);
    }, nothing);
    expect(await response.text()).toBe("ab");
    expect(told(await response.finished)).toEqual({ type: "completed", bytes: 2, chunks: 2 });
  });

  test("a buffer may be used again as soon as it was written", async () => {
    const stream = writtenBody(async (writer) => {
      const buffer = new Uint8Array(1);
      for (const code of [97, 98, 99]) {
        buffer[0] = code;
        void writer.write(buffer);
      }
      buffer[0] = 33;
    });
    expect(await new Response(stream).text()).toBe("abc");
  });

  test("the function runs in the async context in which the response was made", async () => {
    const store = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const response = store.run("handler", () =>
      ResponseThen.stream(async (writer) => {
        seen.push(store.getStore());
        await writer.write("a");
        seen.push(store.getStore());
      }, nothing),
    );
    await store.run("server", () => response.text());
    expect(seen).toEqual(["handler", "handler"]);
  });
});

describe("the reader leaves", () => {
  test("the signal aborts with the reason, the pending write() rejects with it, and the outcome is canceled", async () => {
    const events: unknown[] = [];
    const response = ResponseThen.stream(
      async (writer, signal) => {
        signal.addEventListener("abort", () => events.push(["aborted", signal.reason]));
        try {
          for (;;) await writer.write("piece");
        } catch (error) {
          events.push(["write", error]);
          throw error;
        } finally {
          events.push("finally");
        }
      },
      (outcome) => void events.push(told(outcome)),
    );
    const reader = readerOf(response);
    await reader.read();
    const reason = new Error("the client left");
    await reader.cancel(reason);
    await response.finished;
    expect(events).toEqual([
      ["aborted", reason],
      ["write", reason],
      "finally",
      { type: "canceled", bytes: 5, chunks: 1, phase: "mid-body", reason },
    ]);
  });

  test.for([undefined, "resource closed", { code: 1 }])(
    "a reason of %o is an Error for the signal too",
    async (cause) => {
      let reason: unknown;
      const response = ResponseThen.stream((_, signal) => {
        return new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            resolve();
          });
        });
      }, nothing);
      const reader = readerOf(response);
      const read = reader.read();
      await pause(1);
      await reader.cancel(cause);
      expect((await read).done).toBe(true);
      expect(reason).toMatchObject({ name: "AbortError", message: "The response was canceled before its end" });
      expect((reason as Error).cause).toBe(cause);
    },
  );

  test("while nothing is being written: the outcome says that it was before the body", async () => {
    const seen: AbortSignal[] = [];
    const response = ResponseThen.stream((_, signal) => {
      seen.push(signal);
      return pause(60_000, undefined, { signal });
    }, nothing);
    const reader = readerOf(response);
    const read = reader.read();
    await vi.waitUntil(() => seen.length === 1);
    const reason = new Error("left");
    await reader.cancel(reason);
    await read;
    expect(seen[0]?.reason).toBe(reason);
    // What the timer rejects with, because of the signal, is not the body's error.
    expect(told(await response.finished)).toEqual({
      type: "canceled",
      bytes: 0,
      chunks: 0,
      phase: "before-body",
      reason,
    });
  });

  test("before anything was read: the function is never called, and the callback runs", async () => {
    const write = vi.fn();
    const response = ResponseThen.stream(write, nothing);
    await response.body?.cancel(new Error("not wanted"));
    expect((await response.finished).type).toBe("canceled");
    await pause(5);
    expect(write).not.toHaveBeenCalled();
  });

  test("and is never called for a response that nobody reads: its callback hears that it was abandoned", async () => {
    const write = vi.fn();
    const outcomes: Outcome[] = [];
    // In a function of its own, so that nothing here refers to the response.
    (() => void ResponseThen.stream(write, (outcome) => void outcomes.push(outcome)))();
    for (let tries = 0; tries < 200 && outcomes.length === 0; tries++) {
      await pause(2);
      gc();
    }
    expect(outcomes).toMatchObject([{ type: "canceled", reason: { name: "AbandonedError" }, phase: "before-body" }]);
    expect(write).not.toHaveBeenCalled();
  });

  test("by being collected in the middle of the body: the signal aborts", async () => {
    const reasons: Error[] = [];
    await (async () => {
      const response = ResponseThen.stream(async (writer, signal) => {
        signal.addEventListener("abort", () => reasons.push(signal.reason));
        await writer.write("data");
      }, nothing);
      await readerOf(response).read();
    })();
    for (let tries = 0; tries < 200 && reasons.length === 0; tries++) {
      await pause(2);
      gc();
    }
    expect(reasons).toMatchObject([{ name: "AbandonedError" }]);
  });

  test("what the function throws after that changes nothing, and is no unhandled rejection", async () => {
    const complain = vi.spyOn(console, "error").mockImplementation(nothing);
    const response = ResponseThen.stream(async (writer) => {
      await writer.write("a").then(() => writer.write("b"));
    }, nothing);
    const failing = ResponseThen.stream(async (_, signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new Error("cleaning up failed");
    }, nothing);
    for (const each of [response, failing]) {
      const reader = readerOf(each);
      void reader.read();
      await pause(2);
      await reader.cancel();
      expect((await each.finished).type).toBe("canceled");
    }
    expect(complain.mock.calls).toEqual([]);
    complain.mockRestore();
  });

  test("the cancel waits for the function to return, and so does the callback", async () => {
    const events: unknown[] = [];
    const response = ResponseThen.stream(
      async (writer) => {
        await writer.write("data").catch(() => events.push("refused"));
        await pause(20);
        events.push("returns");
      },
      (outcome) => void events.push(outcome),
    );
    const reader = readerOf(response);
    await reader.read();
    const canceled = reader.cancel().then(() => events.push("canceled"));
    const outcome = await response.finished;
    await canceled;
    expect(outcome).toMatchObject({ type: "canceled", released: true });
    expect(events).toEqual(["refused", "returns", "canceled", outcome]);
  });

  test("of a function that does not return the callback starts after 5 s, and is told so", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const events: unknown[] = [];
    const response = ResponseThen.stream(
      () => new Promise(nothing),
      (outcome) => void events.push(outcome),
    );
    const reader = readerOf(response);
    const read = reader.read();
    await vi.advanceTimersByTimeAsync(1);
    void reader.cancel("left").then(() => events.push("canceled"));
    expect((await read).done).toBe(true);
    await vi.advanceTimersByTimeAsync(4_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    const outcome = await response.finished;
    vi.useRealTimers();
    expect(outcome).toMatchObject({ type: "canceled", released: false, phase: "before-body" });
    expect(events).toEqual([outcome]);
  });

  test("later writes reject with the reason, and nobody has to look at that", async () => {
    let writer: BodyWriter | undefined;
    const stream = writtenBody((given, signal) => {
      writer = given;
      return new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
    const reader = stream.getReader();
    void reader.read();
    await pause(1);
    const reason = new Error("left");
    await reader.cancel(reason);
    void writer?.write("lost");
    await expect(writer?.write("a")).rejects.toBe(reason);
    writer?.close();
  });

  test("with onCancel: consume the function writes on to its end, and its signal does not abort", async () => {
    const events: unknown[] = [];
    const response = ResponseThen.stream(
      async (writer, signal) => {
        for (const piece of ["a", "b", "c"]) await writer.write(piece);
        events.push(["wrote all", signal.aborted]);
      },
      nothing,
      { onCancel: "consume" },
    );
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel();
    expect(await response.finished).toMatchObject({ type: "canceled", bytes: 1, consumed: { bytes: 2, whole: true } });
    expect(events).toEqual([["wrote all", false]]);
  });
});

describe("the function fails", () => {
  test.for([
    ["before the first byte", [], "before-body"],
    ["after it", ["data"], "mid-body"],
  ] as const)("%s: the body and the outcome have its error", async ([, pieces, phase]) => {
    const error = new Error("writing failed");
    const response = ResponseThen.stream(async (writer) => {
      for (const piece of pieces) await writer.write(piece);
      throw error;
    }, nothing);
    const reader = readerOf(response);
    for (const piece of pieces) expect(textOf(await reader.read())).toBe(piece);
    await expect(reader.read()).rejects.toBe(error);
    const bytes = pieces.join("").length;
    expect(told(await response.finished)).toEqual({ type: "errored", bytes, chunks: pieces.length, phase, error });
  });

  test("by throwing instead of rejecting, and with undefined", async () => {
    const error = new Error("at once");
    const throwing = ResponseThen.stream(() => {
      throw error;
    }, nothing);
    await expect(throwing.text()).rejects.toBe(error);
    let writer: BodyWriter | undefined;
    const vague = ResponseThen.stream((given) => {
      writer = given;
      return Promise.reject(undefined);
    }, nothing);
    await expect(vague.text()).rejects.toBe(undefined);
    expect((await vague.finished).type).toBe("errored");
    expect(await messageOf(writer?.write("late") as Promise<void>)).toBe(
      `The body has ended: it is too late to write${READ_ON}`,
    );
  });

  test("a write() that still waited rejects", async () => {
    let waiting: Promise<void> | undefined;
    const response = ResponseThen.stream((writer) => {
      waiting = writer.write("data");
      throw new Error("failed");
    }, nothing);
    await expect(response.text()).rejects.toThrow("failed");
    expect(await messageOf(waiting as Promise<void>)).toBe(`The body has ended: it is too late to write${READ_ON}`);
  });

  test.for([
    [5, "number 5"],
    [undefined, "Undefined"],
    [null, "Null"],
    [[1], "Array"],
    [new Blob(["a"]), "Blob"],
  ])("a piece that is neither text nor bytes (%o) throws at the call, waited for or not", async ([piece, tag]) => {
    const response = ResponseThen.stream((writer) => {
      void writer.write(piece as never);
    }, nothing);
    await expect(response.text()).rejects.toThrow(new TypeError(`piece: expected text or bytes, got ${tag}${READ_ON}`));
    expect((await response.finished).type).toBe("errored");
  });
});

describe("the body ends", () => {
  test("with close(), while the function goes on; what it throws then goes to console.error", async () => {
    const complain = vi.spyOn(console, "error").mockImplementation(nothing);
    let goOn: (() => void) | undefined;
    const error = new Error("after the end");
    const response = ResponseThen.stream(async (writer) => {
      await writer.write("data");
      writer.close();
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      throw error;
    }, nothing);
    expect(await response.text()).toBe("data");
    expect((await response.finished).type).toBe("completed");
    expect(complain.mock.calls).toEqual([]);
    goOn?.();
    await vi.waitUntil(() => complain.mock.calls.length > 0);
    expect(complain.mock.calls).toEqual([[`response-then: a body failed after its end${READ_ON}`, error]]);
    complain.mockRestore();
  });

  test("with close() after pieces that nobody waited for: they go first, and their promises fulfil", async () => {
    const waited: string[] = [];
    const response = ResponseThen.stream(async (writer) => {
      const first = writer.write("a");
      const second = writer.write("b");
      writer.close();
      writer.close();
      waited.push(await messageOf(first), await messageOf(second));
    }, nothing);
    expect(await response.text()).toBe("ab");
    await vi.waitUntil(() => waited.length === 2);
    expect(waited).toEqual(["fulfilled", "fulfilled"]);
  });

  test("and a write() after that rejects, clearly, whichever way it ended", async () => {
    for (const close of [true, false]) {
      let writer: BodyWriter | undefined;
      const response = ResponseThen.stream((given) => {
        writer = given;
        if (close) given.close();
      }, nothing);
      expect(await response.text()).toBe("");
      expect(await messageOf(writer?.write("late") as Promise<void>)).toBe(
        `The body has ended: it is too late to write${READ_ON}`,
      );
      void writer?.write("late, and nobody looks");
      writer?.close();
    }
  });

  test("a reader that leaves after close(), before it has all, is still told to the function", async () => {
    let aborted = false;
    const response = ResponseThen.stream(async (writer, signal) => {
      void writer.write("a");
      void writer.write("b");
      writer.close();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted = true;
    }, nothing);
    const reader = readerOf(response);
    await reader.read();
    await reader.cancel();
    expect(told(await response.finished)).toMatchObject({ type: "canceled", bytes: 1 });
    expect(aborted).toBe(true);
  });

  test("clone() before the reading gives the same to both", async () => {
    const response = ResponseThen.stream(async (writer) => {
      await writer.write("one ");
      await writer.write("two");
    }, nothing);
    const clone = response.clone();
    expect(await Promise.all([response.text(), clone.text()])).toEqual(["one two", "one two"]);
  });

  test("a polluted Object.prototype changes nothing", async () => {
    const polluted = Object.prototype as Record<string, unknown>;
    for (const name of ["type", "start", "size", "autoAllocateChunkSize"]) polluted[name] = "bytes";
    let stream: ReadableStream | undefined;
    try {
      stream = writtenBody((writer) => writer.write("clean"));
    } finally {
      for (const name of ["type", "start", "size", "autoAllocateChunkSize"]) delete polluted[name];
    }
    expect(await new Response(stream).text()).toBe("clean");
  });
});
