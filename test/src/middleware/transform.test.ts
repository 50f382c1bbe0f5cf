import { setTimeout as pause } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import type { WatchedBody } from "../../../src/body/watched-body.ts";
import { SMALL } from "../../../src/exchange/deno.ts";
import { Exchange } from "../../../src/exchange/exchange.ts";
import { wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { READ_ON } from "../../../src/expected.ts";
import { type Outcome, ResponseThen } from "../../../src/index.ts";
import type { End } from "../../../src/lifecycle/outcome.ts";
import { transform } from "../../../src/middleware/transform.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

const nothing = () => {};
const request = new Request("http://example.com/");
const encoder = new TextEncoder();
const louder = transform((text) => text.toUpperCase());

/** The response of a handler with one transformation around it. */
const through = (
  response: Response,
  transformation: Parameters<typeof transform>[0] = (text) => text.toUpperCase(),
  options?: Parameters<typeof transform>[1],
  of: Request = request,
) => transform(transformation, options)(() => response)(of) as Response;

const readerOf = (response: Response) => (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
const textOf = ({ value }: { value?: AllowSharedBufferSource | undefined }) => new TextDecoder().decode(value);

/** A source that gives what it is told, and notes what is done to it. */
function noted(events: unknown[], pieces: readonly unknown[], type?: "bytes"): ReadableStream {
  const rest = [...pieces];
  const source = {
    type,
    pull(controller: ReadableStreamController<unknown>) {
      events.push("pull");
      const piece = rest.shift();
      if (piece instanceof Error) controller.error(piece);
      else if (piece === undefined) controller.close();
      else
        controller.enqueue(
          (typeof piece === "string" && type ? encoder.encode(piece) : piece) as Uint8Array<ArrayBuffer>,
        );
    },
    cancel: (reason: unknown) => void events.push(["source canceled", reason]),
  };
  return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
}

/** A stream of text whose every byte comes by itself. */
const byteByByte = (text: string) =>
  noted(
    [],
    [...encoder.encode(text)].map((byte) => Uint8Array.of(byte)),
  );

/** A TransformStream that doubles every piece, and one that keeps `count` back before it gives them as one. */
const doubling = () =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      controller.enqueue(piece);
      controller.enqueue(piece);
    },
  });
const gathering = (count: number) => () => {
  let kept: number[] = [];
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      kept.push(...piece);
      if (kept.length < count) return;
      controller.enqueue(Uint8Array.from(kept));
      kept = [];
    },
    flush: (controller) => controller.enqueue(Uint8Array.from(kept)),
  });
};

// Not in the types of the DOM yet.
const fromIterable = (ReadableStream as unknown as { from(pieces: AsyncIterable<unknown>): ReadableStream }).from;

async function* generated(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await pause(1);
    yield encoder.encode(piece);
  }
}

const bodies: Record<string, () => ConstructorParameters<typeof Response>[0]> = {
  "a string": () => "one two",
  bytes: () => encoder.encode("one two"),
  "a Blob": () => new Blob(["one ", "two"]),
  "URL parameters": () => new URLSearchParams({ one: "two" }),
  "a stream": () => noted([], [encoder.encode("one "), encoder.encode("two")]),
  "a byte stream": () => noted([], ["one ", "two"], "bytes"),
  "an async generator": () => fromIterable(generated("one ", "two")),
};
const made = Object.entries(bodies).flatMap(([name, body]) => [
  [`a Response of ${name}`, () => new Response(body())] as const,
  [`a ResponseThen of ${name}`, () => new ResponseThen(body(), nothing)] as const,
  [`a ResponseThen from a Response of ${name}`, () => ResponseThen.from(new Response(body()), nothing)] as const,
]);
const ways: (readonly [string, () => Response])[] = [
  ...made,
  [
    "what ResponseThen.stream writes",
    () =>
      ResponseThen.stream(async (writer) => {
        await writer.write("one ");
        await writer.write("two");
      }, nothing),
  ],
  ["a re-wrapped ResponseThen", () => new Response(new ResponseThen("one two", nothing).body)],
  ["a Response of text pieces", () => new ResponseThen(noted([], ["one ", "tw"].concat("o")), nothing)],
];

describe("whichever way a body was made, it is transformed", () => {
  test.for(ways)("%s, as text", async ([, make]) => {
    const text = (await make()
      .text()
      .catch(() => "one two")) as string;
    const sent = through(make());
    expect([sent.status, await sent.text()]).toEqual([200, text.toUpperCase()]);
  });

  test.for(ways)("%s, by a TransformStream", async ([, make]) => {
    const text = (await make()
      .text()
      .catch(() => "one two")) as string;
    const piecewise = through(make(), gathering(3));
    expect(await piecewise.text()).toBe(text);
    const zipped = through(make(), () => new CompressionStream("gzip"));
    expect(await new Response(zipped.body?.pipeThrough(new DecompressionStream("gzip"))).text()).toBe(text);
  });

  test("twice, the inner one first", async () => {
    const response = new ResponseThen("a<b", nothing);
    const inner = through(response, (text) => text.replaceAll("<", "&lt;"));
    const outer = through(inner, (text) => `<p>${text}</p>`);
    expect(await outer.text()).toBe("<p>a&lt;b</p>");
    expect(await response.finished).toMatchObject({ type: "completed", bytes: 13 });
  });

  test("and an answer that is a promise, with what the platform gives beside the request", async () => {
    const handler = vi.fn(async (_request: Request, env: { name: string }) => new Response(`hello ${env.name}`));
    const answering = transform<[{ name: string }]>((text) => text.toUpperCase())(handler)(request, { name: "Ada" });
    expect(answering).toBeInstanceOf(Promise);
    expect(await (await answering).text()).toBe("HELLO ADA");
    expect(louder(() => new Response("at once"))(request)).toBeInstanceOf(Response);
  });
});

describe("a function of the text", () => {
  const long = "é€😀 – naïve 日本語 🏳️‍🌈";

  test("gets whole characters, however their bytes come", async () => {
    const seen: string[] = [];
    const sent = through(new Response(byteByByte(long)), (text) => {
      seen.push(text);
      return text;
    });
    expect(await sent.text()).toBe(long);
    expect(seen).toEqual([...long]);
  });

  test("gets a fixed body in one piece, however long it is, and may give more than it got", async () => {
    const text = "word ".repeat(100_000);
    const seen: number[] = [];
    const response = new ResponseThen(text, nothing);
    const sent = through(response, (piece) => {
      seen.push(piece.length);
      return piece + piece;
    });
    expect(await sent.text()).toBe(text + text);
    expect(seen).toEqual([500_000]);
    // Handed over in pieces of 64 KiB, as any body.
    expect(await response.finished).toMatchObject({ bytes: 1_000_000, chunks: 16 });
  });

  test("keeps the mark of the byte order, and makes U+FFFD of what is no UTF-8", async () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 97, 0xff, 98, 0xe2, 0x82);
    const sent = through(new Response(bytes), (text) => text);
    expect([...new Uint8Array(await sent.arrayBuffer())]).toEqual([...encoder.encode("\ufeffa\ufffdb\ufffd")]);
  });

  test("gives text or bytes, at once or later, and nothing for null, undefined and the empty string", async () => {
    const results: unknown[] = [
      "1",
      null,
      Promise.resolve("2"),
      undefined,
      "",
      encoder.encode("3"),
      Promise.resolve(null),
    ];
    results.push(encoder.encode("4").buffer, new DataView(encoder.encode("x5x").buffer, 1, 1));
    const response = new ResponseThen(
      noted(
        [],
        results.map(() => encoder.encode(".")),
      ),
      nothing,
    );
    const sent = through(response, (text) => results.shift() as string & typeof text);
    expect(await sent.text()).toBe("12345");
    expect(await response.finished).toMatchObject({ bytes: 5, chunks: 5 });
  });

  test("may give the same bytes every time: they are not taken from it", async () => {
    const constant = encoder.encode("same ");
    for (const type of [undefined, "bytes"] as const) {
      const response = new ResponseThen(
        noted(
          [],
          ["a", "b"].map((text) => encoder.encode(text)),
          type,
        ),
        nothing,
      );
      expect(await through(response, (text) => (text ? constant : null)).text()).toBe("same same ");
    }
    expect(constant.byteLength).toBe(5);
  });

  test("is called once at a time", async () => {
    const events: string[] = [];
    const sent = through(new Response(noted([], [encoder.encode("a"), encoder.encode("b")])), async (text) => {
      events.push(`begins ${text}`);
      await pause(5);
      events.push(`ends ${text}`);
      return text;
    });
    await sent.text();
    expect(events).toEqual(["begins a", "ends a", "begins b", "ends b"]);
  });
});

describe("an object, and a function that makes one", () => {
  test("add at the end what flush gives, after the rest of the text", async () => {
    const sent = through(new Response(noted([], [encoder.encode("ab"), Uint8Array.of(0xe2)])), {
      transform: async (text) => `[${text}]`,
      flush: async () => "the end",
    });
    expect(await sent.text()).toBe("[ab][\ufffd]the end");
  });

  test("transform nothing without transform, and add to an empty body too", async () => {
    const footer = { flush: () => "footer" };
    expect(await through(new Response("body "), footer).text()).toBe("body footer");
    expect(await through(new ResponseThen("", nothing), footer).text()).toBe("footer");
    expect(await through(new Response(""), (text) => `never ${text}`).text()).toBe("");
  });

  test("have a state for each body where a function makes them", async () => {
    const counting = transform(() => {
      let count = 0;
      return {
        transform(text: string) {
          count += text.length;
          return null;
        },
        flush: () => String(count),
      };
    })(() => new Response("four"));
    expect(await ((await counting(request)) as Response).text()).toBe("4");
    expect(await ((await counting(request)) as Response).text()).toBe("4");
  });

  test("call flush neither after a cancel nor after an error", async () => {
    const flush = vi.fn(() => "end");
    const canceled = through(
      new Response(
        noted(
          [],
          ["a", "b"].map((text) => encoder.encode(text)),
        ),
      ),
      { flush },
    );
    const reader = readerOf(canceled);
    await reader.read();
    await reader.cancel();
    const failed = through(new Response(noted([], [new Error("failed")])), { flush });
    await expect(failed.text()).rejects.toThrow("failed");
    await pause(5);
    expect(flush).not.toHaveBeenCalled();
  });
});

describe("nothing is read ahead of the reader", () => {
  test.for([
    ["text", (text: string) => text],
    ["a TransformStream", () => new TransformStream()],
    [
      "a TransformStream with room of its own",
      () => new TransformStream({}, { highWaterMark: 8 }, { highWaterMark: 0 }),
    ],
  ] as const)("%s: each read pulls once", async ([, transformation]) => {
    for (const wrap of [
      (body: ReadableStream) => new Response(body),
      (body: ReadableStream) => new ResponseThen(body, nothing),
    ]) {
      const events: unknown[] = [];
      const source = noted(
        events,
        ["a", "b", "c"].map((text) => encoder.encode(text)),
      );
      const sent = through(wrap(source), transformation as () => TransformStream);
      await pause(5);
      expect([source.locked && sent.body?.locked, events]).toEqual([false, []]);
      const reader = readerOf(sent);
      for (const [index, text] of ["a", "b", "c"].entries()) {
        expect(textOf(await reader.read())).toBe(text);
        await pause(5);
        expect(events).toHaveLength(index + 1);
      }
      expect((await reader.read()).done).toBe(true);
      expect(events).toHaveLength(4);
    }
  });

  test("a TransformStream that keeps pieces back is given as many as it needs", async () => {
    const events: unknown[] = [];
    const sent = through(
      new Response(
        noted(
          events,
          [..."abcdefg"].map((text) => encoder.encode(text)),
        ),
      ),
      gathering(3),
    );
    const reader = readerOf(sent);
    expect(textOf(await reader.read())).toBe("abc");
    await pause(5);
    expect(events).toHaveLength(3);
    expect(textOf(await reader.read())).toBe("def");
    expect(textOf(await reader.read())).toBe("g");
    expect((await reader.read()).done).toBe(true);
  });

  test("a TransformStream that gives more than was asked for is not given more", async () => {
    const events: unknown[] = [];
    const sent = through(
      new Response(
        noted(
          events,
          ["a", "b"].map((text) => encoder.encode(text)),
        ),
      ),
      doubling,
    );
    const reader = readerOf(sent);
    for (const [text, pulls] of [
      ["a", 1],
      ["a", 1],
      ["b", 2],
      ["b", 2],
    ] as const) {
      expect(textOf(await reader.read())).toBe(text);
      await pause(5);
      expect(events).toHaveLength(pulls);
    }
    expect((await reader.read()).done).toBe(true);
  });
});

describe("one outcome, of what went out", () => {
  test("a ResponseThen keeps its callbacks; bytes and headers are those after the transformation", async () => {
    const outcomes: Outcome[] = [];
    const response = new ResponseThen(noted([], [encoder.encode("ab")]), (outcome) => void outcomes.push(outcome), {
      status: 201,
      headers: { etag: '"1"', "x-kept": "yes" },
    });
    const sent = through(response, (text) => text.repeat(3));
    expect(await sent.text()).toBe("ababab");
    await response.finished;
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0]).toMatchObject({ type: "completed", bytes: 6, chunks: 1, observed: "pulled" });
    expect(outcomes[0]?.response).toBe(sent);
    expect([sent.status, [...sent.headers]]).toEqual([201, [["x-kept", "yes"]]]);
  });

  test("a reader that leaves cancels it, and its source once, with the reason", async () => {
    for (const transformation of [(text: string) => text, doubling] as const) {
      const events: unknown[] = [];
      const source = noted(
        events,
        ["a", "b"].map((text) => encoder.encode(text)),
      );
      const response = new ResponseThen(source, ({ type, bytes }) => void events.push([type, bytes]));
      const reader = readerOf(through(response, transformation as () => TransformStream));
      await reader.read();
      const reason = new Error("left");
      await reader.cancel(reason);
      await response.finished;
      expect(events).toEqual(["pull", ["source canceled", reason], ["canceled", 1]]);
      await vi.waitUntil(() => !source.locked);
    }
  });

  test("a reader that leaves while the source is idle is told to it at once", async () => {
    for (const wrap of [true, false]) {
      const canceled = vi.fn();
      const idle = new ReadableStream({ pull: () => new Promise(nothing), cancel: canceled }, { highWaterMark: 0 });
      for (const transformation of [(text: string) => text, doubling] as const) {
        canceled.mockClear();
        const source = transformation === doubling ? new ReadableStream({ cancel: canceled }) : idle;
        const response = wrap ? new ResponseThen(source, nothing) : new Response(source);
        const reader = readerOf(through(response, transformation as () => TransformStream));
        const read = reader.read();
        await pause(2);
        const reason = new Error("left");
        await reader.cancel(reason);
        expect((await read).done).toBe(true);
        expect(canceled.mock.calls).toEqual([[reason]]);
        if (transformation !== doubling && wrap === true) break;
      }
    }
  });

  test("a reader that leaves before it began cancels the source, and transforms nothing", async () => {
    const events: unknown[] = [];
    const transformation = vi.fn((text: string) => text);
    const response = new ResponseThen(noted(events, [encoder.encode("a")]), nothing);
    const sent = through(response, (text) => transformation(text));
    const reason = new Error("left");
    await sent.body?.cancel(reason);
    expect(await response.finished).toMatchObject({ type: "canceled", reason, phase: "before-body" });
    expect([events, transformation.mock.calls]).toEqual([[["source canceled", reason]], []]);
  });

  test("what was under way when the reader left is neither transformed nor flushed nor handed over", async () => {
    const events: string[] = [];
    let answer: (text: string) => void = nothing;
    const transformer = {
      transform(text: string) {
        events.push(`transform ${text}`);
        return new Promise<string>((resolve) => {
          answer = resolve;
        });
      },
      flush: () => void events.push("flush"),
    };
    const idle = new ReadableStream({ pull: () => new Promise(nothing) }, { highWaterMark: 0 });
    for (const source of [
      idle,
      noted(
        [],
        ["a", "b"].map((text) => encoder.encode(text)),
      ),
    ]) {
      const reader = readerOf(through(new Response(source), transformer));
      const read = reader.read();
      await pause(2);
      await reader.cancel();
      answer("late");
      expect((await read).done).toBe(true);
      await pause(2);
    }
    expect(events).toEqual(["transform a"]);
  });

  test("both sides of a TransformStream hear of a reader that leaves, and of a source that fails", async () => {
    for (const failing of [true, false]) {
      const events: unknown[] = [];
      const pair = () => ({
        readable: new ReadableStream({ cancel: (reason) => void events.push(["readable canceled", reason]) }),
        writable: new WritableStream({ abort: (reason) => void events.push(["writable aborted", reason]) }),
      });
      const error = new Error("why");
      const idle = new ReadableStream({ pull: () => new Promise(nothing) }, { highWaterMark: 0 });
      const sent = through(new Response(failing ? noted([], [encoder.encode("a"), error]) : idle), pair);
      const reader = readerOf(sent);
      const read = reader.read();
      if (failing) await expect(read).rejects.toBe(error);
      else {
        await pause(2);
        await reader.cancel(error);
      }
      await vi.waitUntil(() => events.length === 2);
      expect(events).toEqual([
        ["readable canceled", error],
        ["writable aborted", error],
      ]);
    }
  });

  test("a source that fails while nobody reads is told by the next read, and is no unhandled rejection", async () => {
    let fail: (error: unknown) => void = nothing;
    const source = new ReadableStream({
      start(controller) {
        fail = (error) => controller.error(error);
      },
    });
    // Gives one piece before it gets any.
    const eager = () => ({
      readable: new ReadableStream(
        {
          async pull(controller) {
            await pause(2);
            controller.enqueue(encoder.encode("eager"));
          },
        },
        { highWaterMark: 0 },
      ),
      writable: new WritableStream(),
    });
    const reader = readerOf(through(new Response(source), eager));
    expect(textOf(await reader.read())).toBe("eager");
    const error = new Error("failed");
    fail(error);
    await pause(5);
    await expect(reader.read()).rejects.toBe(error);
  });

  test("one that nobody reads is abandoned, and its source canceled; one that is held is not", async () => {
    const events: unknown[] = [];
    const make = (name: string) =>
      louder(
        () => new ResponseThen(noted([], [encoder.encode("a")]), ({ type }) => void events.push(`${name} ${type}`)),
      )(request) as Response;
    const held = make("held");
    (() => void make("dropped"))();
    for (let tries = 0; tries < 200 && events.length === 0; tries++) {
      await pause(2);
      gc();
    }
    expect(events).toEqual(["dropped canceled"]);
    expect(await held.text()).toBe("A");
  });

  test("with onCancel: consume the rest is read and transformed", async () => {
    const response = new ResponseThen(
      noted(
        [],
        ["a", "b", "c"].map((text) => encoder.encode(text)),
      ),
      nothing,
      {
        onCancel: "consume",
      },
    );
    const reader = readerOf(through(response, (text) => text.repeat(2)));
    await reader.read();
    await reader.cancel();
    expect(await response.finished).toMatchObject({ type: "canceled", bytes: 2, consumed: { bytes: 4, whole: true } });
  });

  test("an error of the source is that of the body and of the outcome", async () => {
    for (const transformation of [(text: string) => text, () => new TransformStream()] as const) {
      const error = new Error("source failed");
      const response = new ResponseThen(noted([], [encoder.encode("a"), error]), nothing);
      const reader = readerOf(through(response, transformation as () => TransformStream));
      expect(textOf(await reader.read())).toBe("a");
      await expect(reader.read()).rejects.toBe(error);
      expect(await response.finished).toMatchObject({ type: "errored", error, bytes: 1 });
    }
  });

  test("an error of the transformation is that of the body and of the outcome, and cancels the source once", async () => {
    const error = new Error("transformation failed");
    const second =
      (count = 0) =>
      () => {
        if (++count === 2) throw error;
      };
    const failing = [
      () => {
        const check = second();
        return {
          transform(text: string) {
            check();
            return text;
          },
        };
      },
      () => {
        const check = second();
        return {
          async transform(text: string) {
            check();
            return text;
          },
        };
      },
      () => {
        const check = second();
        return new TransformStream({
          transform(piece, controller) {
            check();
            controller.enqueue(piece);
          },
        });
      },
    ];
    for (const transformation of failing) {
      for (const wrap of [true, false]) {
        const events: unknown[] = [];
        const source = noted(
          events,
          ["a", "b", "c"].map((text) => encoder.encode(text)),
        );
        const response = wrap ? new ResponseThen(source, nothing) : new Response(source);
        const reader = readerOf(through(response, transformation));
        expect(textOf(await reader.read())).toBe("a");
        await expect(reader.read()).rejects.toBe(error);
        expect(events).toEqual(["pull", "pull", ["source canceled", error]]);
        if (response instanceof ResponseThen) {
          expect(await response.finished).toMatchObject({ type: "errored", error, bytes: 1 });
        }
      }
    }
  });

  test("so is one of flush, and of a TransformStream's", async () => {
    const error = new Error("flush failed");
    const flush = () => {
      throw error;
    };
    for (const transformation of [{ flush }, () => new TransformStream({ flush })]) {
      const response = new ResponseThen("text", nothing);
      await expect(through(response, transformation).text()).rejects.toBe(error);
      expect(await response.finished).toMatchObject({ type: "errored", error, bytes: 4 });
    }
  });

  test.for([
    [5, "number 5"],
    [true, "Boolean"],
    [["a"], "Array"],
    [{ a: 1 }, "Object"],
    [new Blob(["a"]), "Blob"],
  ] as const)("%o is neither text nor bytes: a clear TypeError", async ([given, tag]) => {
    const error = new TypeError(`what the transformation gave: expected text or bytes, got ${tag}${READ_ON}`);
    const transformations = [
      (text: string) => given as unknown as typeof text,
      () => new TransformStream({ transform: (_, controller) => controller.enqueue(given) }),
    ];
    for (const transformation of transformations) {
      const events: unknown[] = [];
      const response = new ResponseThen(
        noted(
          events,
          ["a", "b"].map((text) => encoder.encode(text)),
        ),
        nothing,
      );
      await expect(through(response, transformation).text()).rejects.toThrow(error);
      expect(await response.finished).toMatchObject({ type: "errored", error });
      expect(events.filter((event) => event !== "pull")).toEqual([["source canceled", expect.any(TypeError)]]);
    }
  });

  test("a piece of the body that is neither is one too", async () => {
    for (const transformation of [(text: string) => text, () => new TransformStream()] as const) {
      const sent = through(new Response(noted([], [7])), transformation as () => TransformStream);
      await expect(sent.text()).rejects.toThrow("a piece of the body: expected text or bytes, got number 7");
    }
  });

  test("a TransformStream that ends the body early completes it, and its source is canceled", async () => {
    for (const wrap of [true, false]) {
      const events: unknown[] = [];
      const source = noted(
        events,
        ["a", "b", "c"].map((text) => encoder.encode(text)),
      );
      const response = wrap ? new ResponseThen(source, nothing) : new Response(source);
      const first = () =>
        new TransformStream({
          transform(piece, controller) {
            controller.enqueue(piece);
            controller.terminate();
          },
        });
      expect(await through(response, first).text()).toBe("a");
      if (response instanceof ResponseThen) {
        expect(await response.finished).toMatchObject({ type: "completed", bytes: 1 });
      }
      await vi.waitUntil(() => events.length === 2);
      expect(events[1]).toMatchObject([
        "source canceled",
        { message: "The transformation ended the body before its source" },
      ]);
    }
  });
});

describe("in a wrapped handler", () => {
  const inScope = (handler: () => Response, options = {}) =>
    wrapHandler(louder(handler), () => ({ method: "GET", fixedLimit: SMALL, ...options }))(request) as Response;

  test("a small fixed body is transformed, and not sent as the plain one that it was", async () => {
    const response: ResponseThen[] = [];
    for (const fixedLimit of [SMALL, -1]) {
      const sent = inScope(
        () => {
          response.push(new ResponseThen("small", nothing, { headers: { etag: "1" } }));
          return response.at(-1) as Response;
        },
        { fixedLimit },
      );
      expect([sent.headers.get("content-type")?.toLowerCase(), sent.headers.get("etag")]).toEqual([
        "text/plain;charset=utf-8",
        null,
      ]);
      expect(await sent.text()).toBe("SMALL");
      const outcome = await response.at(-1)?.finished;
      expect(outcome).toMatchObject({ type: "completed", observed: "pulled", bytes: 5 });
      expect(outcome?.response.headers.get("etag")).toBe(null);
    }
  });

  test("the server's signal tells the end, and a platform that carries bodies carries what was transformed", async () => {
    let flush: (end: End) => void = nothing;
    const pieces: unknown[] = [];
    let response: ResponseThen | undefined;
    inScope(
      () => {
        response = new ResponseThen(noted([], [encoder.encode("carried")]), nothing);
        return response;
      },
      {
        flushed: (listener: typeof flush) => {
          flush = listener;
        },
        carry: (body: WatchedBody) => {
          Promise.resolve(body.next()).then((next) => {
            pieces.push(next?.value);
            body.handed(next?.value);
            body.complete();
            flush({ type: "completed", observed: "flushed" });
          });
          return new ReadableStream();
        },
      },
    );
    expect(await response?.finished).toMatchObject({ type: "completed", observed: "flushed", bytes: 7 });
    expect(pieces.map((value) => textOf({ value: value as Uint8Array<ArrayBuffer> }))).toEqual(["CARRIED"]);
  });

  test("an outer handOver of an adapter finds the response by its body", async () => {
    const response = new ResponseThen("text", nothing);
    const sent = through(response);
    const handed = new Exchange({ method: "HEAD" }, undefined).handOver(sent);
    expect(handed.body).toBe(null);
    expect(await response.finished).toMatchObject({ type: "completed", observed: "handed-over", bytes: 0 });
  });

  test("HEAD ends at hand-over, and the headers are as for GET, with the length that a server reads", async () => {
    const transformation = vi.fn((text: string) => `${text}, and more`);
    let response: ResponseThen | undefined;
    const handler = transform((text) => transformation(text))(() => {
      response = new ResponseThen("text", nothing, { headers: { etag: '"1"', "content-length": "4" } });
      return response;
    });
    const head = new Request(request, { method: "HEAD" });
    const sent = wrapHandler(handler, () => ({ method: "HEAD", fixedLimit: SMALL }))(head) as Response;
    expect([sent.headers.get("etag"), sent.headers.get("content-length")]).toEqual([null, null]);
    expect(await response?.finished).toMatchObject({ type: "completed", observed: "handed-over", bytes: 0 });
    expect(transformation).not.toHaveBeenCalled();
    // Some servers read a body that they do not send, and tell its length.
    expect(await sent.text()).toBe("text, and more");
  });

  test("HEAD cancels the source of a stream, once, and transforms nothing", async () => {
    const transformation = vi.fn((text: string) => text);
    const events: unknown[] = [];
    const response = new ResponseThen(noted(events, [encoder.encode("text")]), nothing);
    const handler = transform((text) => transformation(text))(() => response);
    const head = new Request(request, { method: "HEAD" });
    const sent = wrapHandler(handler, () => ({ method: "HEAD", fixedLimit: SMALL }))(head) as Response;
    expect(sent.body).toBe(null);
    expect(await response.finished).toMatchObject({ type: "completed", observed: "handed-over", bytes: 0 });
    expect(events).toMatchObject([["source canceled", { message: "Nobody reads the body of this response" }]]);
    expect(transformation).not.toHaveBeenCalled();
  });
});

test("the body of an answer to HEAD, where a server reads it, is transformed: the length of that is told", async () => {
  for (const make of [() => new Response("text"), () => new ResponseThen("text", nothing)]) {
    const head = new Request(request, { method: "HEAD" });
    expect(await through(make(), (text) => `${text}, and more`, {}, head).text()).toBe("text, and more");
  }
});

describe("headers", () => {
  test("that told of the other body go, and no other", () => {
    const stale = {
      "content-length": "4",
      etag: '"1"',
      "content-md5": "x",
      digest: "x",
      "content-digest": "x",
      "repr-digest": "x",
      "accept-ranges": "bytes",
      "content-range": "bytes */4",
    };
    const kept = { "last-modified": "x", "cache-control": "no-store", "content-type": "text/html; charset=utf-8" };
    for (const make of [
      () => new Response("text", { headers: { ...stale, ...kept } }),
      () => new ResponseThen("text", nothing, { headers: { ...stale, ...kept } }),
    ]) {
      expect(Object.fromEntries(through(make()).headers)).toEqual(kept);
    }
  });

  test("of the response that the handler made stay as they are", () => {
    const response = new Response("text", { headers: { etag: '"1"' } });
    expect([through(response).headers.get("etag"), response.headers.get("etag")]).toEqual([null, '"1"']);
  });

  test("that may not be changed are changed on what is sent", async () => {
    const response = await fetch("data:text/plain,immutable");
    expect(await through(response).text()).toBe("IMMUTABLE");
  });

  test("keep several cookies, and status and status text", () => {
    const response = new Response("text", { status: 418, statusText: "Teapot" });
    for (const cookie of ["a=1", "b=2"]) response.headers.append("set-cookie", cookie);
    const sent = through(response);
    expect([sent.status, sent.statusText, sent.headers.getSetCookie()]).toEqual([418, "Teapot", ["a=1", "b=2"]]);
  });
});

describe("left as they are", () => {
  test.for([
    ["204", () => new Response(null, { status: 204, headers: { etag: "1" } })],
    ["304", () => new Response(null, { status: 304, headers: { etag: "1" } })],
    ["a redirect", () => Response.redirect("http://example.com/", 302)],
    ["an error", () => Response.error()],
    ["a body of null", () => new Response(null)],
    ["a ResponseThen without a body", () => new ResponseThen(null, nothing, { status: 204 })],
  ] as const)("%s", ([, make]) => {
    const response = make();
    expect(through(response)).toBe(response);
    expect(through(response, () => new TransformStream())).toBe(response);
  });

  test.for(["image/png", "application/octet-stream", "video/mp4", "application/wasm", "font/woff2", "application/zip"])(
    "by a transformation of text: %s",
    (type) => {
      const response = new Response(Uint8Array.of(0xff), { headers: { "content-type": type, etag: "1" } });
      expect(through(response)).toBe(response);
      expect(response.headers.get("etag")).toBe("1");
    },
  );

  test.for([
    "text/html",
    "Text/Plain; charset=UTF-8",
    "application/json",
    "application/ld+json;v=1",
    "image/svg+xml",
    "text/javascript",
    "application/x-ndjson",
  ])("but not %s", async (type) => {
    expect(await through(new Response("text", { headers: { "content-type": type } })).text()).toBe("TEXT");
  });

  test("where `when` says so, whatever the type; it gets the response and the request", async () => {
    const when = vi.fn(({ headers }: Response) => headers.get("content-type") === "image/fake");
    const image = () => new Response("fake", { headers: { "content-type": "image/fake" } });
    expect(await through(image(), undefined, { when }).text()).toBe("FAKE");
    const page = new Response("page");
    expect(through(page, undefined, { when })).toBe(page);
    expect(when.mock.calls.at(-1)).toEqual([page, request]);
    const maker = vi.fn();
    through(page, () => maker(), { when });
    expect(maker).not.toHaveBeenCalled();
  });
});

describe("what cannot be transformed", () => {
  const unfit = [
    [
      "gzip",
      { "content-encoding": "gzip" },
      200,
      "its content-encoding is gzip, and text must not be encoded; compress after transform()",
    ],
    [
      "br",
      { "content-encoding": "identity, br" },
      200,
      "its content-encoding is identity, br, and text must not be encoded; compress after transform()",
    ],
    ["206", { "content-range": "bytes 0-3/9" }, 206, "it is partial (status 206)"],
    [
      "another charset",
      { "content-type": 'text/html; charset="ISO-8859-1"' },
      200,
      "its charset is ISO-8859-1, and not UTF-8",
    ],
  ] as const;

  test.for(unfit)("%s is refused with a TypeError, and its body released", async ([, headers, status, why]) => {
    const events: unknown[] = [];
    const response = new ResponseThen(noted(events, [encoder.encode("body")]), nothing, { status, headers });
    const error = new TypeError(`A response cannot be transformed: ${why}${READ_ON}`);
    expect(() => through(response)).toThrow(error);
    await expect(
      transform((text) => text)(async () => new Response("body", { status, headers }))(request),
    ).rejects.toThrow(error);
    expect(await response.finished).toMatchObject({ type: "canceled", reason: error });
    expect(events).toEqual([["source canceled", error]]);
  });

  test.for(unfit)('%s passes with unfit: "skip"', async ([, headers, status]) => {
    const response = new Response("body", { status, headers });
    expect(through(response, undefined, { unfit: "skip" })).toBe(response);
  });

  test("in a wrapped handler the outcome is errored, as of a handler that threw", async () => {
    let response: ResponseThen | undefined;
    const handler = wrapHandler(
      louder(() => {
        response = new ResponseThen("zip", nothing, { headers: { "content-encoding": "gzip" } });
        return response;
      }),
      () => ({ method: "GET" }),
    );
    expect(() => handler(request)).toThrow(TypeError);
    expect(await response?.finished).toMatchObject({ type: "errored", error: expect.any(TypeError) });
  });

  test("identity is no encoding, and UTF-8 by any of its names no other charset", async () => {
    for (const headers of [{ "content-encoding": "identity" }, { "content-type": "text/html;charset=utf8" }]) {
      expect(await through(new Response("text", { headers })).text()).toBe("TEXT");
    }
  });

  test("bytes of a compressed body may be transformed, but not a part of them", async () => {
    const zipped = new Response("bytes", { headers: { "content-encoding": "gzip" } });
    const sent = through(zipped, () => new TransformStream());
    expect([await sent.text(), sent.headers.get("content-encoding")]).toEqual(["bytes", "gzip"]);
    expect(() => through(new Response("part", { status: 206 }), () => new TransformStream())).toThrow("status 206");
  });

  test("decoded: true takes a body as plain, and the header away", async () => {
    const sent = through(new Response("text", { headers: { "content-encoding": "gzip" } }), undefined, {
      decoded: true,
    });
    expect([await sent.text(), sent.headers.get("content-encoding")]).toEqual(["TEXT", null]);
  });

  test("a body that is being read, or was, is refused", async () => {
    for (const make of [() => new Response("text"), () => new ResponseThen("text", nothing)]) {
      const read = make();
      await read.text();
      const locked = make();
      readerOf(locked);
      for (const response of [read, locked]) expect(() => through(response)).toThrow("its body is in use");
    }
  });
});

describe("bad arguments throw at the call", () => {
  const wanted = "a TransformStream, or an object { transform(text), flush() }";
  test.for([
    [undefined, `transformation: expected ${wanted}, got Undefined`],
    [null, `transformation: expected ${wanted}, got Null`],
    ["text", `transformation: expected ${wanted}, got string text`],
    [{}, `transformation: expected ${wanted}, got Object`],
    [{ transform: 5 }, `transformation: expected ${wanted}, got Object`],
    [{ transform: nothing, flush: "x" }, `transformation: expected ${wanted}, got Object`],
    [
      new TransformStream(),
      "transformation: expected a function that makes a TransformStream for each body, got TransformStream",
    ],
  ] as const)("%o", ([given, message]) => {
    expect(() => transform(given as never)).toThrow(new TypeError(message + READ_ON));
  });

  test.for([
    [null, "options: expected an object, got Null"],
    [{ when: 5 }, "when: expected a function, got number 5"],
    [{ unfit: "ignore" }, 'unfit: expected "error" or "skip", got string ignore'],
    [{ decoded: "yes" }, "decoded: expected a boolean, got string yes"],
  ] as const)("options %o", ([options, message]) => {
    expect(() => transform((text) => text, options as never)).toThrow(new TypeError(message + READ_ON));
  });

  test("a function without a parameter that makes neither is told when a response comes, which is released", async () => {
    for (const [make, tag] of [
      [() => "text", "string text"],
      [() => undefined, "Undefined"],
      [async () => ({ transform: nothing }), "Promise"],
    ] as const) {
      const response = new ResponseThen("text", nothing);
      const message = `what the transformation without a parameter made: expected ${wanted}, got ${tag}`;
      expect(() => through(response, make as never)).toThrow(new TypeError(message + READ_ON));
      expect((await response.finished).type).toBe("canceled");
    }
  });

  test("and what is no response is refused as such", () => {
    expect(() => louder(() => "text" as unknown as Response)(request)).toThrow(
      "the handler's answer: expected a Response, got string text",
    );
  });
});
