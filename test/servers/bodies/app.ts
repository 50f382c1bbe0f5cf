// The application for bodies that are written or transformed: /<way>/<route>?id=. The way is `alone`, the class in the
// handler, or `wrapped`, in an adapter's. Runs unchanged on Node, Bun, Deno and workerd.

import type { BodyWriter } from "../../../src/body/written-body.ts";
import type { ResponseThen } from "../../../src/index.ts";
import { transform } from "../../../src/middleware/transform.ts";
import { count, countOf, eventsOf, note, record } from "./records.ts";

export type Handler = (request: Request) => Response | Promise<Response>;
type Class = typeof ResponseThen;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const encoder = new TextEncoder();
const PIECE = "x".repeat(999);

/** Writes until it is told to stop. */
async function writeOn(writer: BodyWriter, id: string, size: number, every?: number): Promise<void> {
  try {
    for (;;) {
      await writer.write(new Uint8Array(size).fill(97));
      count(id, size);
      if (every !== undefined) await pause(every);
    }
  } catch (error) {
    note(id, `write rejects: ${(error as Error).name}`);
    throw error;
  }
}

const written: Record<string, (Class: Class, id: string) => Response> = {
  written: (Class, id) =>
    Class.stream(
      async (writer) => {
        await writer.write("one é ");
        await pause(5);
        await writer.write(encoder.encode("two "));
        await writer.write("three");
      },
      record(id),
      { status: 201, headers: { "content-type": "text/plain" } },
    ),
  // Closed before the function ends, and all at once.
  closed: (Class, id) =>
    Class.stream((writer) => {
      for (const piece of ["one ", "two ", "three"]) void writer.write(piece);
      writer.close();
      return new Promise(() => {});
    }, record(id)),
  flows: (Class, id) => Class.stream((writer) => writeOn(writer, id, 1_000, 5), record(id)),
  floods: (Class, id) => Class.stream((writer) => writeOn(writer, id, 65_536), record(id)),
  idles: (Class, id) =>
    Class.stream(async (writer, signal) => {
      await writer.write(PIECE);
      note(id, "waits");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      note(id, `aborted: ${signal.reason instanceof Error}`);
    }, record(id)),
  "fails-before": (Class, id) =>
    Class.stream(async () => {
      await pause(5);
      throw new Error("writing failed");
    }, record(id)),
  "fails-after": (Class, id) =>
    Class.stream(async (writer) => {
      await writer.write(PIECE);
      throw new Error("writing failed");
    }, record(id)),
};

/** A source that is pulled, and that records its cancel. */
function source(id: string, pieces: number, options: { size?: number; every?: number } = {}): ReadableStream {
  const { size = 1_000, every } = options;
  let pulls = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        if (every !== undefined) await pause(every);
        if (pulls++ === pieces) return controller.close();
        count(id, size);
        controller.enqueue(new Uint8Array(size).fill(97));
      },
      cancel(reason) {
        eventsOf(id).push({ at: "source canceled", reason: String(reason?.message ?? reason) });
      },
    },
    { highWaterMark: 0 },
  );
}

async function* generated(): AsyncGenerator<Uint8Array> {
  for (const piece of ["one é ", "two"]) {
    await pause(2);
    yield encoder.encode(piece);
  }
}

/** As `ReadableStream.from`, which Bun and older workerds do not have. */
function fromGenerator(pieces: AsyncGenerator<Uint8Array>): ReadableStream {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => void pieces.return(undefined),
    },
    { highWaterMark: 0 },
  );
}

/** A stream of a text whose every byte comes by itself. */
function byteByByte(text: string): ReadableStream {
  const bytes = [...encoder.encode(text)];
  return new ReadableStream({
    pull(controller) {
      const byte = bytes.shift();
      if (byte === undefined) controller.close();
      else controller.enqueue(Uint8Array.of(byte));
    },
  });
}

const headers = { etag: '"1"', "content-type": "text/plain;charset=utf-8" };
const louder = transform((text) => text.toUpperCase());
const zipped = transform(() => new CompressionStream("gzip"));
const failing = () => {
  let length = 0;
  return {
    transform(text: string) {
      length += text.length;
      if (length > 2_000) throw new Error("transformation failed");
      return text.toUpperCase();
    },
  };
};

/** Ends a body after its second piece. */
const firstTwo = transform(() => {
  let count = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(piece, controller) {
      controller.enqueue(piece);
      if (++count === 2) controller.terminate();
    },
  });
});

const sources: Record<string, (id: string) => BodyInit> = {
  text: () => "one é two",
  bytes: () => encoder.encode("one é two"),
  stream: () => byteByByte("one é two"),
  generator: () => fromGenerator(generated()),
};

const transformed: Record<string, (Class: Class, id: string) => Handler> = {
  endless: (Class, id) => louder(() => new Class(source(id, Number.POSITIVE_INFINITY, { every: 5 }), record(id))),
  "endless-bytes": (Class, id) =>
    transform(() => new TransformStream())(
      () => new Class(source(id, Number.POSITIVE_INFINITY, { every: 5 }), record(id)),
    ),
  big: (Class, id) => louder(() => new Class(source(id, 512, { size: 65_536 }), record(id))),
  "big-bytes": (Class, id) =>
    transform(() => new TransformStream())(() => new Class(source(id, 512, { size: 65_536 }), record(id))),
  fails: (Class, id) => transform(failing)(() => new Class(source(id, 9), record(id))),
  "plain-fails": (_, id) => transform(failing)(() => new Response(source(id, 9))),
  zip: (Class, id) => zipped(() => new Class("text ".repeat(20_000), record(id), { headers })),
  "plain-zip": () => zipped(() => new Response("text ".repeat(20_000), { headers })),
  "written-loud": (Class, id) => louder(() => (written.written as (typeof written)[string])(Class, id)),
  "written-flows": (Class, id) => louder(() => (written.flows as (typeof written)[string])(Class, id)),
  first: (Class, id) => firstTwo(() => new Class(source(id, 9), record(id))),
  compressed: (Class, id) =>
    louder(() => new Class(source(id, 9), record(id), { headers: { "content-encoding": "gzip" } })),
};
for (const [name, make] of Object.entries(sources)) {
  transformed[`loud-${name}`] = (Class, id) => louder(() => new Class(make(id), record(id), { headers }));
  transformed[`plain-loud-${name}`] = (_, id) => louder(() => new Response(make(id), { headers }));
}

/** What a server answers, by its way. */
export function createFetch(Class: Class, withResponseThen: (handler: Handler) => Handler): Handler {
  const alone: Handler = (request) => {
    const url = new URL(request.url);
    const route = url.pathname.split("/").at(-1) ?? "";
    const id = url.searchParams.get("id") ?? "";
    if (route === "events") return Response.json(eventsOf(id));
    if (route === "count") return Response.json(countOf(id));
    const answer = transformed[route]?.(Class, id) ?? (() => written[route]?.(Class, id));
    return answer(request) ?? new Response("no such route", { status: 404 });
  };
  const wrapped = withResponseThen(alone);
  return (request, ...rest: unknown[]) => {
    const handler = new URL(request.url).pathname.startsWith("/wrapped/") ? wrapped : alone;
    return (handler as (request: Request, ...rest: unknown[]) => Response)(request, ...rest);
  };
}
