// The Worker of wire.test.ts: one route per case, by the plain Response (/plain/…), by the class alone (/alone/…), or
// wrapped (/wrapped/…).
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

interface Env {
  /** The origin of the server in wire.test.ts. */
  UPSTREAM: string;
}

/** Builds a case's responses: plain ones, or ours. */
interface Maker {
  make(body: BodyInit | null, init?: WorkersInit): Response;
  from(response: Response): Response;
  redirect(url: URL): Response;
}

interface Asked {
  readonly env: Env;
  readonly url: URL;
  /** A key in the cache that no other request uses. */
  readonly key: string;
}

const TEXT = "Grüße, world. ".repeat(40);
const BYTES = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) % 251);
const PAGE = "<!doctype html><title>old</title><p>one</p><p>two</p>".repeat(300);

/** Every case, by its route. */
const cases: Record<string, (maker: Maker, asked: Asked) => Response | Promise<Response>> = {
  string: ({ make }) => make("Hello, wörld"),
  "empty-string": ({ make }) => make(""),
  "string-of-300-kB": ({ make }) => make("0123456789".repeat(30_000)),
  bytes: ({ make }) => make(BYTES),
  buffer: ({ make }) => make(BYTES.buffer.slice(0, 1_000)),
  blob: ({ make }) => make(new Blob([TEXT], { type: "text/x-blob" })),
  "form-data": ({ make }) => {
    const form = new FormData();
    form.set("field", "välue");
    form.set("file", new Blob([TEXT], { type: "text/plain" }), "file.txt");
    return make(form);
  },
  "url-search-params": ({ make }) => make(new URLSearchParams({ a: "1", b: "ä b" })),
  "js-stream": ({ make }) => make(streamOf(pieces())),
  "js-stream-with-content-length": ({ make }) =>
    make(streamOf(pieces()), { headers: { "content-length": String(4 * 20_000) } }),
  "byte-stream": ({ make }) => make(byteStreamOf(pieces(), (controller) => controller.byobRequest?.respond(0))),
  "byte-stream-closed-without-respond": ({ make }) => make(byteStreamOf(pieces(), () => {})),
  "byte-stream-answering-byob": ({ make }) => make(answeringStreamOf(BYTES)),
  "byte-stream-enqueued-at-once": ({ make }) => make(enqueuedAtOnce(pieces())),
  "byte-stream-pushed": ({ make }) => make(pushedByteStreamOf(pieces())),
  "identity-stream": ({ make }) => {
    const { readable, writable } = new IdentityTransformStream();
    write(writable, pieces());
    return make(readable);
  },
  "fixed-length-stream": ({ make }) => {
    const { readable, writable } = new FixedLengthStream(4 * 20_000);
    write(writable, pieces());
    return make(readable);
  },
  "transform-stream": ({ make }) => make(streamOf(pieces()).pipeThrough(new TransformStream())),
  "fetch-with-length": async ({ from }, { env }) => from(await fetch(`${env.UPSTREAM}/length`)),
  "fetch-chunked": async ({ from }, { env }) => from(await fetch(`${env.UPSTREAM}/chunked`)),
  "fetch-rewrapped": async ({ make }, { env }) => {
    const { body, headers } = await fetch(`${env.UPSTREAM}/chunked`);
    return make(body, { headers });
  },
  "fetch-gzip": async ({ from }, { env }) => from(await fetch(`${env.UPSTREAM}/gzip`)),
  "fetch-404": async ({ from }, { env }) => from(await fetch(`${env.UPSTREAM}/missing`)),
  "fetch-204": async ({ from }, { env }) => from(await fetch(`${env.UPSTREAM}/empty`)),
  "encode-body-manual": async ({ make }) =>
    make(await gzip(TEXT), { encodeBody: "manual", headers: { "content-encoding": "gzip" } }),
  "encode-body-manual-stream": ({ make }) =>
    make(new Blob([TEXT]).stream().pipeThrough(new CompressionStream("gzip")), {
      encodeBody: "manual",
      headers: { "content-encoding": "gzip" },
    }),
  "encode-body-automatic": ({ make }) => make(TEXT, { headers: { "content-encoding": "gzip" } }),
  "status-text": ({ make }) => make("teapot", { status: 418, statusText: "Short And Stout" }),
  "status-text-from": ({ from }) => from(new Response("odd", { status: 299, statusText: "Odd" })),
  headers: ({ make }) => {
    const headers = new Headers({
      "content-type": "text/x-own",
      "x-one": "1",
      etag: '"e"',
      "cache-control": "no-store",
    });
    for (const cookie of ["a=1; Path=/", "b=2; HttpOnly", "c=3"]) headers.append("set-cookie", cookie);
    return make("cookies", { headers });
  },
  "headers-from": ({ from }) => {
    const response = new Response("cookies");
    for (const cookie of ["a=1; Path=/", "b=2; HttpOnly", "c=3"]) response.headers.append("set-cookie", cookie);
    return from(response);
  },
  "204": ({ make }) => make(null, { status: 204, headers: { "x-one": "1" } }),
  "304": ({ make }) => make(null, { status: 304, headers: { etag: '"e"' } }),
  "null-body": ({ make }) => make(null),
  redirect: ({ redirect }, { url }) => redirect(new URL("/elsewhere", url.origin)),
  "html-rewriter": ({ make }) => rewrite(make(PAGE, { headers: { "content-type": "text/html" } })),
  "html-rewriter-inside": ({ from }) => from(rewrite(new Response(PAGE, { headers: { "content-type": "text/html" } }))),
  "html-rewriter-of-fetch": async ({ from }, { env }) => from(rewrite(await fetch(`${env.UPSTREAM}/html`))),
  "compression-stream": ({ make }) => {
    const { body } = new Response(BYTES);
    return make((body as ReadableStream).pipeThrough(new CompressionStream("gzip")));
  },
  "compression-stream-around": ({ make }) => {
    const { body } = make(BYTES);
    return new Response((body as ReadableStream).pipeThrough(new CompressionStream("gzip")));
  },
  "native-clone": async ({ from }, { env }) => {
    const response = await fetch(`${env.UPSTREAM}/chunked`);
    const copy = response.clone();
    keep(response.arrayBuffer());
    return from(copy);
  },
  "native-clone-of-length": async ({ from }, { env }) => {
    const response = await fetch(`${env.UPSTREAM}/length`);
    keep(response.clone().arrayBuffer());
    return from(response);
  },
  "own-clone": ({ make }) => {
    const response = make(streamOf(pieces()));
    keep(response.clone().arrayBuffer());
    return response;
  },
  "own-clone-of-string": ({ make }) => {
    const response = make(TEXT);
    keep(response.clone().text());
    return response;
  },
  "own-clone-of-fetch": async ({ from }, { env }) => {
    const response = from(await fetch(`${env.UPSTREAM}/chunked`));
    keep(response.clone().arrayBuffer());
    return response;
  },
  "nested-fetch": async ({ from }, { env }) => from(from(await fetch(`${env.UPSTREAM}/chunked`))),
  "nested-string": ({ make, from }) => from(make(TEXT)),
  "nested-js-stream": ({ make, from }) => from(from(make(streamOf(pieces())))),
  "rewrapped-string": ({ make }) => rewrap(make(TEXT)),
  "rewrapped-fetch": async ({ from }, { env }) => rewrap(from(await fetch(`${env.UPSTREAM}/chunked`))),
  "cache-put-of-a-clone": async ({ make }, { key }) => {
    const response = make(TEXT, { headers: { "cache-control": "max-age=60" } });
    await caches.default.put(key, response.clone());
    return response;
  },
  "cache-put-then-match": async ({ make, from }, { key }) => {
    const response = make(TEXT, { headers: { "cache-control": "max-age=60" } });
    await caches.default.put(key, response.clone());
    await response.arrayBuffer();
    return from((await caches.default.match(key)) as Response);
  },
  "cache-put-of-the-response": async ({ make }, { key }) => {
    await caches.default.put(key, make(TEXT, { headers: { "cache-control": "max-age=60" } }));
    return (await caches.default.match(key)) as Response;
  },
  "cache-put-of-a-fetch": async ({ from }, { key, env }) => {
    await caches.default.put(key, from(await fetch(`${env.UPSTREAM}/cacheable`)));
    return (await caches.default.match(key)) as Response;
  },
  cf: ({ from }) => {
    const response = from(new Response("cf", { cf: { colo: "XYZ" } } as ResponseInit));
    response.headers.set("x-cf", JSON.stringify((response as { cf?: unknown }).cf));
    return response;
  },
};

function* pieces(): Generator<Uint8Array<ArrayBuffer>> {
  for (let i = 0; i < 4; i++) yield BYTES.slice(i * 1_000, i * 1_000 + 20_000);
}

function streamOf(chunks: Iterator<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      const { done, value } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Enqueues whatever the reader is; `closed` runs after the close. */
function byteStreamOf(
  chunks: Iterator<Uint8Array<ArrayBuffer>>,
  closed: (controller: ReadableByteStreamController) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { done, value } = chunks.next();
      if (!done) return controller.enqueue(value);
      controller.close();
      closed(controller);
    },
  });
}

/** Fills the reader's own buffers where it has some. */
function answeringStreamOf(bytes: Uint8Array<ArrayBuffer>): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const request = controller.byobRequest;
      const view = request?.view as Uint8Array<ArrayBuffer> | undefined;
      const piece = bytes.slice(at, at + Math.min(view?.byteLength ?? 10_000, 10_000));
      at += piece.byteLength;
      if (piece.byteLength === 0) controller.close();
      else if (!view) return controller.enqueue(piece);
      else new Uint8Array(view.buffer, view.byteOffset).set(piece);
      request?.respond(piece.byteLength);
    },
  });
}

function enqueuedAtOnce(chunks: Iterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

/** Enqueues in its own time, and closes while a read is pending. */
function pushedByteStreamOf(chunks: Iterable<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    start(controller) {
      const push = async () => {
        for (const chunk of chunks) {
          await pause(5);
          controller.enqueue(chunk);
        }
        await pause(5);
        controller.close();
      };
      push();
    },
  });
}

async function write(writable: WritableStream, chunks: Iterable<Uint8Array<ArrayBuffer>>): Promise<void> {
  const writer = writable.getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

async function gzip(text: string): Promise<ArrayBuffer> {
  return new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
}

function rewrite(response: Response): Response {
  return new HTMLRewriter().on("p", { element: (p) => p.setInnerContent("new") }).transform(response);
}

/** What middlewares do. */
function rewrap(response: Response): Response {
  const wrapped = new Response(response.body, response);
  wrapped.headers.set("x-middleware", "was here");
  return wrapped;
}

/** A branch of a clone must be read, or the other one stalls. */
function keep(reading: Promise<unknown>): void {
  reading.catch(() => {});
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** By request: how its responses ended, each with its number in the order in which they were built. */
const seen = new Map<string, string[]>();

const plain: Maker = {
  make: (body, init) => new Response(body, init),
  from: (response) => response,
  redirect: (url) => Response.redirect(url),
};

function oursFor(id: string): Maker {
  const list: string[] = [];
  seen.set(id, list);
  let built = 0;
  const recorder = () => {
    const number = ++built;
    return (outcome: Outcome) => void list.push(`${number} ${outcome.type}`);
  };
  return {
    make: (body, init) => new ResponseThen(body, recorder(), init),
    from: (response) => ResponseThen.from(response, recorder()),
    redirect: (url) => ResponseThen.redirect(url, recorder()),
  };
}

function answer(request: Request, env: Env): Response | Promise<Response> {
  const url = new URL(request.url);
  const [, way, name = ""] = url.pathname.split("/");
  const id = url.searchParams.get("id") ?? "";
  const maker = way === "plain" ? plain : oursFor(id);
  return cases[name]?.(maker, { env, url, key: `https://cache.example/${id}` }) ?? new Response("no such case");
}

const wrapped = withResponseThen(answer);

export default {
  fetch(request: Request, env: Env): Response | Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/cases") return Response.json(Object.keys(cases));
    if (pathname === "/next") return new Response("the next answer");
    if (pathname === "/seen") return Response.json(seen.get(searchParams.get("id") ?? "") ?? []);
    return pathname.startsWith("/wrapped/") ? wrapped(request, env) : answer(request, env);
  },
};

type WorkersInit = ResponseInit & { encodeBody?: "automatic" | "manual" };
declare class IdentityTransformStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
}
declare class FixedLengthStream extends IdentityTransformStream {
  constructor(length: number);
}
declare class HTMLRewriter {
  on(selector: string, handlers: { element(element: { setInnerContent(text: string): void }): void }): this;
  transform(response: Response): Response;
}
declare const caches: { readonly default: Cache };
interface Cache {
  put(key: string, response: Response): Promise<void>;
  match(key: string): Promise<Response | undefined>;
}
