// What the servers answer, case by case. Runs on every runtime, and knows nothing of us: a maker brings the class.
import { gzipSync } from "node:zlib";
import type { Maker } from "./maker.ts";

/** What a handler may know of the request. */
export interface Asked {
  /** The request's body. */
  text(): Promise<string>;
}

export type Case = (maker: Maker, asked: Asked) => Response | Promise<Response>;

const TEXT = "Grüße, world. ".repeat(40);
const BYTES = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251);
const PAGE = { headers: { "content-type": "text/html; charset=utf-8" } };
const ZIPPED = { headers: { "content-type": "text/plain", "content-encoding": "gzip" } };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Every case, by its name. */
export const cases: Readonly<Record<string, Case>> = {
  string: ({ make }) => make("Hello, wörld"),
  "empty string": ({ make }) => make(""),
  "string with its content-type": ({ make }) => make("<p>Hello", PAGE),
  "string with headers and cookies": ({ make }) => make("Hello", { headers: headersWithCookies() }),
  "string of 200 kB": ({ make }) => make("0123456789".repeat(20_000)),
  "late string": async ({ make }) => {
    await pause(5);
    return make("Hello");
  },
  bytes: ({ make }) => make(BYTES.slice(0, 1_000)),
  "bytes of 100 kB": ({ make }) => make(BYTES),
  buffer: ({ make }) => make(BYTES.buffer.slice(0, 1_000)),
  blob: ({ make }) => make(new Blob([TEXT], { type: "text/x-blob" })),
  "blob without a type": ({ make }) => make(new Blob([TEXT])),
  "search params": ({ make }) => make(new URLSearchParams({ a: "1", b: "ä b" })),
  "form data": ({ make }) => {
    const form = new FormData();
    form.set("field", "välue");
    form.set("file", new Blob([TEXT], { type: "text/plain" }), "file.txt");
    return make(form);
  },
  stream: ({ make }) => make(pushed(pieces())),
  "stream that is pulled": ({ make }) => make(pulled(pieces())),
  "stream of bytes": ({ make }) => make(pulled(pieces(), "bytes")),
  "stream with its length": ({ make }) => make(pushed(pieces()), { headers: { "content-length": "3000" } }),
  "stream that fails": ({ make }) => make(pushed(pieces(), new Error("source failed"))),
  "no body": ({ make }) => make(null),
  "204": ({ make }) => make(null, { status: 204, headers: { "x-one": "1" } }),
  "304": ({ make }) => make(null, { status: 304, headers: { etag: '"e"' } }),
  "302": ({ make }) => make(null, { status: 302, headers: { location: "/elsewhere" } }),
  redirect: ({ redirect }) => redirect("http://elsewhere.example/"),
  "404": ({ make }) => make("<h1>Not here</h1>", { status: 404, ...PAGE }),
  "500": ({ make }) => make("Broken", { status: 500 }),
  "status text": ({ make }) => make("teapot", { status: 418, statusText: "Short And Stout" }),
  json: ({ json }) => json({ a: "ä" }),
  "json with an init": ({ json }) => json([1, 2], { status: 201, headers: { "x-one": "1" } }),
  "from a string": ({ from }) => from(new Response("Hello")),
  "from a string with headers": ({ from }) => from(new Response("Hello", { headers: headersWithCookies() })),
  "from a stream": ({ from }) => from(new Response(pushed(pieces()), PAGE)),
  "from json": ({ from }) => from(Response.json({ a: 1 })),
  "headers set late": ({ make }) => {
    const response = make("Hello", { headers: { "x-gone": "1", "x-changed": "1" } });
    response.headers.set("content-type", "text/x-late");
    response.headers.set("x-changed", "2");
    response.headers.append("set-cookie", "a=1");
    response.headers.delete("x-gone");
    return response;
  },
  "headers set late on a stream": ({ make }) => {
    const response = make(pushed(pieces()));
    response.headers.set("x-late", "1");
    return response;
  },
  "re-wrapped string": ({ make }) => rewrap(make("Hello", { headers: { "x-one": "1" } })),
  "re-wrapped stream": ({ make }) => rewrap(make(pushed(pieces()))),
  "string whose clone is read": ({ make }) => {
    const response = make("Hello");
    keep(response.clone().text());
    return response;
  },
  "stream whose clone is read": ({ make }) => {
    const response = make(pulled(pieces()));
    keep(response.clone().text());
    return response;
  },
  "clone of a string": ({ make }) => {
    const response = make("Hello");
    const clone = response.clone();
    keep(response.text());
    return clone;
  },
  "content-length by hand": ({ make }) => make("Hello", { headers: { "content-length": "5" } }),
  "gzip by hand": ({ make }) => make(gzipSync(TEXT) as Uint8Array<ArrayBuffer>, ZIPPED),
  "streamed gzip by hand": ({ make }) =>
    make(pulled([gzipSync(TEXT) as Uint8Array<ArrayBuffer>][Symbol.iterator]()), ZIPPED),
  throws: () => {
    throw new Error("handler failed");
  },
  rejects: async () => {
    await pause(1);
    throw new Error("handler failed");
  },
  "request read": async ({ make }, { text }) => make(`You sent ${await text()}`),
};

function headersWithCookies(): Headers {
  const headers = new Headers({ "X-One": "1", "content-type": "text/x-own", etag: '"e"', "cache-control": "no-store" });
  for (const cookie of ["a=1; Path=/", "b=2; HttpOnly"]) headers.append("set-cookie", cookie);
  return headers;
}

function* pieces(): Generator<Uint8Array<ArrayBuffer>> {
  for (let i = 0; i < 3; i++) yield BYTES.slice(i * 1_000, i * 1_000 + 1_000);
}

/** Comes in its own time, with pauses in which a server writes. Ends with `error`, if there is one. */
function pushed(chunks: Iterable<Uint8Array<ArrayBuffer>>, error?: Error): ReadableStream<Uint8Array<ArrayBuffer>> {
  let canceled = false;
  return new ReadableStream({
    start(controller) {
      const push = async () => {
        for (const chunk of chunks) {
          await pause(10);
          if (canceled) return;
          controller.enqueue(chunk);
        }
        await pause(10);
        if (canceled) return;
        if (error) controller.error(error);
        else controller.close();
      };
      push();
    },
    cancel() {
      canceled = true;
    },
  });
}

function pulled(chunks: Iterator<Uint8Array<ArrayBuffer>>, type?: "bytes"): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    ...(type && { type }),
    pull(controller: ReadableStreamDefaultController | ReadableByteStreamController) {
      const { done, value } = chunks.next();
      if (!done) return controller.enqueue(value);
      controller.close();
      (controller as ReadableByteStreamController).byobRequest?.respond(0);
    },
  } as object as UnderlyingDefaultSource);
}

/** What middlewares do. */
function rewrap(response: Response): Response {
  const wrapped = new Response(response.body, response);
  wrapped.headers.set("x-middleware", "was here");
  return wrapped;
}

/** One branch of a clone must be read, or the other one stalls. */
function keep(reading: Promise<unknown>): void {
  reading.catch(() => {});
}
