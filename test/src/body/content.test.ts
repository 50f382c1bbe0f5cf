import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { toContent } from "../../../src/body/content.ts";
import { ResponseThen } from "../../../src/index.ts";

type Body = ConstructorParameters<typeof Response>[0];

const nothing = () => {};
const numbers = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

/** A stream of three chunks of different sizes, pulled one by one. */
function chunked(type?: "bytes"): ReadableStream {
  const sizes = [3, 100_000, 1];
  const source = {
    type,
    pull(controller: ReadableStreamController<Uint8Array>) {
      const size = sizes.shift();
      if (size === undefined) {
        controller.close();
        (controller as ReadableByteStreamController).byobRequest?.respond(0);
      } else controller.enqueue(numbers(size) as Uint8Array<ArrayBuffer>);
    },
  };
  return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
}

async function* generated() {
  yield new TextEncoder().encode("from a ");
  await Promise.resolve();
  yield new TextEncoder().encode("generator");
}

// Such a piece failed the body, and no callback was told (GraphQL Yoga answers with them).
async function* pooled() {
  yield Buffer.from("from ");
  yield Buffer.from("the pool");
}

function form(): FormData {
  const data = new FormData();
  data.append("name", "värde");
  data.append("file", new Blob([numbers(70_000)], { type: "image/png" }), "a.png");
  return data;
}

/** Every kind of body, made anew for each response. */
const kinds: [name: string, make: () => unknown][] = [
  ["a string", () => "Hello, wörld 😀"],
  ["a long string", () => "ü".repeat(100_000)],
  ["a string with lone surrogates", () => "a\ud800b\udc00c"],
  ["an empty string", () => ""],
  ["an ArrayBuffer", () => numbers(70_000).buffer],
  ["an empty ArrayBuffer", () => new ArrayBuffer(0)],
  ["a Uint8Array", () => numbers(200_000)],
  ["an empty Uint8Array", () => new Uint8Array()],
  ["a Uint8Array with an offset", () => numbers(100).subarray(10, 20)],
  ["an empty Uint8Array with an offset", () => numbers(100).subarray(10, 10)],
  ["a Float64Array with an offset", () => new Float64Array(numbers(80).buffer, 16, 3)],
  ["a Uint16Array", () => new Uint16Array([1, 2, 65_535])],
  ["a BigInt64Array", () => new BigInt64Array([1n, -1n])],
  ["a DataView", () => new DataView(numbers(100).buffer, 5, 7)],
  ["a Buffer of the pool", () => Buffer.from("pooled")],
  ["a slice of a Buffer", () => Buffer.from("0123456789").subarray(2, 5)],
  ["a Blob", () => new Blob(["blob ", numbers(70_000)])],
  ["a Blob with a type", () => new Blob(["<b>"], { type: "text/html" })],
  ["an empty Blob", () => new Blob([])],
  ["a File", () => new File(["text"], "a.txt", { type: "text/plain" })],
  ["FormData", form],
  ["empty FormData", () => new FormData()],
  ["URLSearchParams", () => new URLSearchParams({ a: "1 2", b: "ü" })],
  ["empty URLSearchParams", () => new URLSearchParams()],
  ["a stream", () => chunked()],
  ["a byte stream", () => chunked("bytes")],
  ["the readable side of a TransformStream", () => chunked().pipeThrough(new TransformStream())],
  ["the body of another response", () => new Response("other").body],
  ["the body of a ResponseThen", () => new ResponseThen("other", nothing).body],
  ["an async generator", generated],
  ["an async generator of Buffers of the pool", pooled],
  ["an array, as text", () => [1, 2]],
  ["a number, as text", () => 5],
  ["an object, as text", () => ({})],
  ["a String object, as text", () => new String("boxed")],
  ["null", () => null],
  ["undefined", () => undefined],
];

const inits: [name: string, init: ResponseInit | undefined][] = [
  ["no init", undefined],
  ["a status and headers", { status: 201, statusText: "Made", headers: { "x-a": "1", etag: '"e"' } }],
  ["a content-type", { headers: { "Content-Type": "application/x-mine" } }],
  ["an empty content-type", { headers: { "content-type": "" } }],
  ["several cookies", { status: 404, headers: [["set-cookie", "a=1"] as [string, string], ["set-cookie", "b=2"]] }],
];

/** The boundary of a form is a random one. */
const BOUNDARY = /-{4,}formdata-undici-\d+/g;

/** All that can be seen of a response: its head, and its bytes as characters. */
async function sightOf(response: Response): Promise<object> {
  const { status, statusText, ok, url, redirected, type, bodyUsed } = response;
  const headers = [...response.headers].map(([name, value]) => [name, value.replace(BOUNDARY, "boundary")]);
  const text = Buffer.from(await response.arrayBuffer()).toString("latin1");
  const body = text.replace(BOUNDARY, "boundary");
  return { status, statusText, ok, url, redirected, type, bodyUsed, headers, body, length: body.length };
}

describe("a body gives what it gives to the plain Response", () => {
  describe.for(kinds)("%s", ([, make]) => {
    test.for(inits)("with %s", async ([, init]) => {
      const plain = new Response(make() as Body, init);
      const response = new ResponseThen(make() as Body, nothing, init);
      expect(response.body === null).toBe(plain.body === null);
      const [seen, wanted] = [await sightOf(response), await sightOf(plain)];
      expect(seen).toEqual(wanted);
      expect(response.bodyUsed).toBe(plain.bodyUsed);
      expect((await response.finished).type).toBe("completed");
    });

    test("as the same kind of stream", async () => {
      const isByteStream = (response: Response) => {
        try {
          response.body?.getReader({ mode: "byob" }).releaseLock();
          return true;
        } catch {
          return false;
        }
      };
      const response = new ResponseThen(make() as Body, nothing);
      expect(isByteStream(response)).toBe(isByteStream(new Response(make() as Body)));
      await response.arrayBuffer();
      await response.finished;
    });

    test("in pieces of at most 64 KiB, counted as they were read", async () => {
      const response = new ResponseThen(make() as Body, nothing);
      const sizes: number[] = [];
      for await (const { byteLength } of response.body ?? []) sizes.push(byteLength);
      expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(65_536);
      const sum = sizes.reduce((a, b) => a + b, 0);
      expect(await response.finished).toMatchObject({ type: "completed", chunks: sizes.length, bytes: sum });
    });
  });

  test("a piece of an async iterable stays the application's", async () => {
    const piece = new Uint8Array([104, 105]);
    const pieces = async function* () {
      yield piece;
      piece.fill(120);
    };
    expect(await new ResponseThen(pieces() as unknown as Body, nothing).text()).toBe("hi");
    expect(String(piece)).toBe("120,120");
  });

  // A reader that asks for its own buffers must get every byte, and the end.
  test.for(kinds)("%s, read into small buffers of the reader's own", async ([, make]) => {
    const response = new ResponseThen(make() as Body, nothing);
    const wanted = Buffer.from(await new Response(make() as Body).arrayBuffer()).toString("latin1");
    let reader: ReadableStreamBYOBReader;
    try {
      reader = (response.body as ReadableStream).getReader({ mode: "byob" });
    } catch {
      expect(Buffer.from(await response.arrayBuffer()).toString("latin1")).toHaveLength(wanted.length);
      return;
    }
    let text = "";
    let done = false;
    while (!done) {
      const result = await reader.read(new Uint8Array(7_001));
      done = result.done;
      text += Buffer.from(result.value ?? []).toString("latin1");
    }
    expect(text.replace(BOUNDARY, "boundary")).toBe(wanted.replace(BOUNDARY, "boundary"));
    expect(await response.finished).toMatchObject({ type: "completed", bytes: text.length });
  });

  test("FormData can be read back as FormData", async () => {
    const response = new ResponseThen(form(), nothing);
    const data = await response.formData();
    expect(data.get("name")).toBe("värde");
    expect(new Uint8Array(await (data.get("file") as File).arrayBuffer())).toEqual(numbers(70_000));
    await response.finished;
  });

  // A buffer that was transferred away has no bytes left: an empty body, not a crash.
  test("a detached ArrayBuffer", async () => {
    const buffer = new ArrayBuffer(4);
    structuredClone(buffer, { transfer: [buffer] });
    const wanted = await sightOf(new Response(buffer));
    const response = new ResponseThen(buffer, nothing);
    expect(await sightOf(response)).toEqual(wanted);
    await response.finished;
  });

  test("what no Response can have throws the error of Response", () => {
    const symbol = Symbol("body") as unknown as Body;
    expect(() => new Response(symbol)).toThrow(TypeError);
    expect(() => new ResponseThen(symbol, nothing)).toThrow(TypeError);
  });
});

describe("a body is taken as it is at the call", () => {
  const changing: [name: string, make: () => [body: unknown, change: () => void], wanted: string][] = [
    [
      "a Uint8Array",
      () => {
        const body = new TextEncoder().encode("before");
        return [body, () => body.fill(0)];
      },
      "before",
    ],
    [
      "an ArrayBuffer",
      () => {
        const { buffer } = Uint8Array.from(Buffer.from("before"));
        return [buffer, () => new Uint8Array(buffer).fill(0)];
      },
      "before",
    ],
    [
      "an ArrayBuffer that is transferred away",
      () => {
        const { buffer } = Uint8Array.from(Buffer.from("before"));
        return [buffer, () => structuredClone(buffer, { transfer: [buffer] })];
      },
      "before",
    ],
    [
      "a Buffer",
      () => {
        const body = Buffer.from("before");
        return [body, () => body.fill("x")];
      },
      "before",
    ],
    [
      "a DataView",
      () => {
        const body = new DataView(Uint8Array.from(Buffer.from("before")).buffer, 1, 3);
        return [body, () => body.setUint8(0, 0)];
      },
      "efo",
    ],
    [
      "URLSearchParams",
      () => {
        const body = new URLSearchParams("a=before");
        return [body, () => body.set("a", "after")];
      },
      "a=before",
    ],
  ];

  test.for(changing)("%s", async ([, make, wanted]) => {
    const [body, change] = make();
    const response = new ResponseThen(body as Body, nothing);
    change();
    expect(await response.text()).toBe(wanted);
    await response.finished;
  });

  test("FormData", async () => {
    const data = new FormData();
    data.set("a", "before");
    const response = new ResponseThen(data, nothing);
    data.set("a", "after");
    expect((await response.formData()).get("a")).toBe("before");
    await response.finished;
  });

  // The application's own bytes must not be handed to a reader, who may transfer them.
  test("and the bytes that were given stay in place when a reader takes its pieces away", async () => {
    const given = numbers(100_000);
    const response = new ResponseThen(given, nothing);
    for await (const piece of response.body ?? []) structuredClone(piece.buffer, { transfer: [piece.buffer] });
    expect(given).toEqual(numbers(100_000));
    await response.finished;
  });
});

describe("headers", () => {
  test("a content-type that is deleted after the call stays away", async () => {
    const response = new ResponseThen("x", nothing);
    response.headers.delete("content-type");
    await response.text();
    expect([...(await response.finished).response.headers]).toEqual([]);
  });

  test("of a response with a content-type of its own are kept by from", async () => {
    const plain = new Response("<p>", { headers: { "content-type": "text/html", "content-length": "3" } });
    const response = ResponseThen.from(plain, nothing);
    expect([...response.headers]).toEqual([...plain.headers]);
    await response.text();
    await response.finished;
  });

  test("of a response without a content-type get none from from", async () => {
    const plain = new Response("text");
    plain.headers.delete("content-type");
    const response = ResponseThen.from(plain, nothing);
    expect([...response.headers]).toEqual([]);
    await response.text();
    await response.finished;
  });
});

describe("a polluted Object.prototype changes nothing", () => {
  const polluted: [name: string, value: unknown][] = [
    ["type", "bytes"],
    ["type", "none"],
    ["start", () => Promise.reject(new Error("polluted start"))],
    ["pull", () => Promise.reject(new Error("polluted pull"))],
    ["cancel", () => Promise.reject(new Error("polluted cancel"))],
    ["autoAllocateChunkSize", 1],
    ["highWaterMark", 5],
    ["size", () => 1_000],
    ["mode", "byob"],
    ["buffer", new ArrayBuffer(1)],
    ["byteOffset", 1],
    ["byteLength", 1],
    ["locked", true],
  ];
  const bodies: [name: string, make: () => Body][] = [
    ["a string", () => "text"],
    ["an ArrayBuffer", () => numbers(10).buffer],
    ["a view", () => numbers(10).subarray(2)],
    ["a stream", () => chunked()],
    ["a byte stream", () => chunked("bytes")],
  ];
  const cases = polluted.flatMap(([name, value]) =>
    bodies.map(([kind, make]) => [name, kind, value, make] as [string, string, unknown, () => Body]),
  );

  test.for(cases)("%s, with %s", async ([name, , value, make]) => {
    const wanted = await sightOf(new Response(make()));
    const body = make();
    const canceled: unknown[] = [];
    const source = new ReadableStream({ cancel: (reason) => void canceled.push(reason) }, { highWaterMark: 0 });
    let seen: object;
    let left: ResponseThen;
    Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
    try {
      const response = new ResponseThen(body, nothing);
      left = new ResponseThen(source, nothing);
      seen = await sightOf(response);
      await left.body?.cancel("left");
      expect((await response.finished).type).toBe("completed");
    } finally {
      delete (Object.prototype as Record<string, unknown>)[name];
    }
    expect(seen).toEqual(wanted);
    expect(await left.finished).toMatchObject({ type: "canceled", bytes: 0 });
    expect(canceled).toEqual(["left"]);
  });
});

describe("toContent", () => {
  test("neither locks nor reads a stream", async () => {
    let pulls = 0;
    const stream = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 });
    const [source, contentType, type] = toContent(stream);
    await pause(5);
    expect([source, contentType, type, stream.locked, pulls]).toEqual([stream, null, undefined, false, 0]);
  });

  test("tells a byte stream from a default stream", () => {
    expect(toContent(chunked("bytes"))[2]).toBe("bytes");
    expect(toContent(chunked())[2]).toBe(undefined);
  });

  test("takes a stream that has already failed, and leaves no unhandled rejection", async () => {
    for (const type of ["bytes", undefined] as const) {
      const failed = new ReadableStream({
        type,
        start: (controller: ReadableStreamController<unknown>) => controller.error(new Error("early")),
      } as UnderlyingDefaultSource);
      expect(toContent(failed)[0]).toBe(failed);
      expect(failed.locked).toBe(false);
    }
  });

  test("gives a copy of bytes, and the content-type of the rest", () => {
    const bytes = numbers(5);
    const [copy] = toContent(bytes);
    expect(copy).toEqual(bytes);
    expect((copy as Uint8Array).buffer).not.toBe(bytes.buffer);
    expect(toContent("x")[1]?.toLowerCase()).toBe("text/plain;charset=utf-8");
    expect(toContent(new Blob([], { type: "a/b" }))[1]).toBe("a/b");
  });
});
