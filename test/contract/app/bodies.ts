// Routes that differ in their body, or in the head that goes with it.
import { pause } from "./records.ts";
import type { Route } from "./route.ts";
import { source } from "./source.ts";

/** One body of each kind, by the last part of the path; made anew for each request. */
const kinds: Record<string, () => BodyInit> = {
  string: () => "Hellö, wörld",
  bytes: () => new TextEncoder().encode("bytes"),
  buffer: () => new TextEncoder().encode("buffer").buffer as ArrayBuffer,
  blob: () => new Blob(["<p>blob</p>"], { type: "text/html" }),
  params: () => new URLSearchParams({ a: "1", b: "ü" }),
  form: () => {
    const form = new FormData();
    form.set("a", "1");
    return form;
  },
};

/** The kinds of bodies that `kind` and `plain-kind` know. */
export const KINDS: readonly string[] = Object.keys(kinds);

/** As many headers of as many sorts as an application sets. */
const rich = (): ResponseInit => ({
  status: 203,
  headers: [
    ["content-type", "application/x-ndjson"],
    ["x-kept", "yes"],
    ["cache-control", "no-store"],
    ["set-cookie", "a=1; Path=/"],
    ["set-cookie", "b=2; Path=/"],
  ],
});

const kindOf = ({ searchParams }: URL): BodyInit => (kinds[searchParams.get("kind") ?? ""] as () => BodyInit)();
const fiveChunks = (id: string) => source(id, { chunks: 5, every: 5 });

/** A readable byte stream that fills what its reader brings, where that brings something. */
function byteSource(): ReadableStream {
  let left = 50;
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      await pause(1);
      const request = controller.byobRequest;
      if (left-- === 0) {
        controller.close();
        return request?.respond(0);
      }
      const view = request?.view as Uint8Array<ArrayBuffer> | undefined;
      if (!view) return controller.enqueue(new Uint8Array(100).fill(98));
      const filled = Math.min(100, view.byteLength);
      new Uint8Array(view.buffer, view.byteOffset, filled).fill(98);
      request?.respond(filled);
    },
  });
}

/** Chunks of these sizes, given as fast as they are asked for. */
function sized(sizes: Iterable<number>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = sizes[Symbol.iterator]();
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value).fill(99));
      },
    },
    { highWaterMark: 0 },
  );
}

function* tiny(): Iterable<number> {
  for (let i = 0; i < 10_000; i++) yield 1;
}

export const bodies: Record<string, Route> = {
  string: ({ Class, own }) => new Class("Hello, world", own),
  "plain-string": () => new Response("Hello, world"),
  stream: ({ Class, id, own }) => new Class(fiveChunks(id), own),
  "plain-stream": ({ id }) => new Response(fiveChunks(id)),
  kind: ({ Class, own, url }) => new Class(kindOf(url), own),
  "plain-kind": ({ url }) => new Response(kindOf(url)),
  json: ({ Class, own }) => Class.json({ a: [1, "ü"] }, own, { status: 201 }),
  empty: ({ Class, own }) => new Class("", own),
  rich: ({ Class, id, own }) => new Class(fiveChunks(id), own, rich()),
  "plain-rich": ({ id }) => new Response(fiveChunks(id), rich()),
  "plain-headed": () => new Response("Hello, world", { headers: { "x-old": "1", "x-gone": "1" } }),
  "plain-nothing": () => new Response(null, { status: 204 }),
  "plain-redirect": ({ url }) => Response.redirect(new URL("/elsewhere", url), 303),
  "plain-endless": ({ id }) => new Response(source(id, { every: 5 })),
  "plain-fails": ({ id }) => new Response(source(id, { every: 100, failAt: 1 })),
  measured: ({ Class, id, own }) => new Class(fiveChunks(id), own, { headers: { "content-length": "5000" } }),
  "plain-measured": ({ id }) => new Response(fiveChunks(id), { headers: { "content-length": "5000" } }),
  /** Its client has all that the head declares, and the source does not say its end. */
  "measured-idle": ({ Class, id, own }) =>
    new Class(source(id, { every: 5, stallAt: 5 }), own, { headers: { "content-length": "5000" } }),
  proxied: async ({ Class, own, url, request }) =>
    Class.from(await fetch(url.searchParams.get("upstream") ?? "", { signal: request.signal }), own),
  endless: ({ Class, id, own }) => new Class(source(id, { every: 5 }), own),
  idle: ({ Class, id, own }) => new Class(source(id, { every: 5, stallAt: 2 }), own),
  fails: ({ Class, id, own }) => new Class(source(id, { every: 5, failAt: 2 }), own),
  "fails-late": ({ Class, id, own }) => new Class(source(id, { every: 100, failAt: 2 }), own),
  "fails-first": ({ Class, id, own }) => new Class(source(id, { every: 5, failAt: 0 }), own),
  big: ({ Class, id, own }) => new Class(source(id, { chunk: 65_536, chunks: 512 }), own),
  tiny: ({ Class, own }) => new Class(sized(tiny()), own),
  // What is one chunk of the source is more than the buffers between a server and its client hold.
  huge: ({ Class, own }) => new Class(sized([67_108_864]), own),
  medium: ({ Class, own }) => new Class(new Blob(["x".repeat(5_000)]), own),
  unread: ({ Class, own }) => new Class("x".repeat(20_000), own),
  large: ({ Class, own }) => new Class("x".repeat(20_000_000), own),
  hollow: ({ Class, own }) => new Class(sized([3, 0, 0, 2, 0]), own),
  bytes: ({ Class, own }) => new Class(byteSource(), own),
  nothing: ({ Class, own }) => new Class(null, own, { status: 204 }),
  "not-modified": ({ Class, own }) => new Class(null, own, { status: 304, headers: { etag: '"a"' } }),
  redirect: ({ Class, own, url }) => Class.redirect(new URL("/elsewhere", url), own, 303),
  "redirect-here": ({ Class, own, url }) =>
    Class.redirect(new URL(`./string?id=${url.searchParams.get("target")}`, url), own, 302),
  status: ({ Class, own, url }) => {
    const status = Number(url.searchParams.get("status"));
    return new Class(`this is ${status}`, own, { status });
  },
};
