// What a measured server answers with: one content, in one way, to every request. Runs unchanged on Node, Bun, Deno and
// workerd.
import type { Outcome, ResponseThen } from "../../../dist/src/index.js";

/**
 * How a content is answered: by a plain response, by a `ResponseThen` alone, by one under the adapter, by a plain one
 * under an adapter with a callback for all, by a stream through a transform; and by a handler that waits first.
 */
export type Way = "plain" | "plain-async" | "alone" | "adapter" | "adapter-async" | "for-all" | "transform";

export type Handler = () => Response | Promise<Response>;

/** What the callbacks were told. */
export type Told = Record<Outcome["type"], number> & { bytes: number };

type Bytes = Uint8Array<ArrayBuffer>;

/** What the adapter of a server brings. */
export interface Adapter {
  readonly ResponseThen: typeof ResponseThen;
  // biome-ignore lint/suspicious/noExplicitAny: each adapter's own, with what its server gives beside the request
  withResponseThen(handler: any, callback?: (outcome: Outcome) => void): any;
}

export const TEXT = "hello, world!";
const PIECE: Bytes = new Uint8Array(65_536).fill(120);
const TINY: Bytes = new Uint8Array(13).fill(120);

const contents: Readonly<Record<string, () => string | ReadableStream<Bytes>>> = {
  string: () => TEXT,
  "stream-4": () => stream(64, PIECE),
  "stream-200": () => stream(3_200, PIECE),
  pieces: () => stream(1_000, TINY),
  held: hold,
};

export const told: Told = { completed: 0, canceled: 0, errored: 0, bytes: 0 };

export const count = ({ type, bytes }: Pick<Outcome, "type" | "bytes">) => {
  told[type]++;
  told.bytes += bytes;
};

/** The handler that is measured. It looks at nothing of the request. */
export function handlerOf(content: string, way: string, { ResponseThen, withResponseThen }: Adapter): Handler {
  const body = contents[content];
  if (!body) throw new Error(`no content ${content}`);
  const plain = () => new Response(body());
  const own = () => new ResponseThen(body(), count);
  const ways: Record<Way, () => Handler> = {
    plain: () => plain,
    "plain-async": () => async () => {
      await null;
      return plain();
    },
    alone: () => own,
    adapter: () => withResponseThen(own),
    "adapter-async": () =>
      withResponseThen(async () => {
        await null;
        return own();
      }),
    "for-all": () => withResponseThen(plain, count),
    transform: () => () => new Response(counted(plain().body)),
  };
  const make = ways[way as Way];
  if (!make) throw new Error(`no way ${way}`);
  return make();
}

function stream(count: number, piece: Bytes): ReadableStream<Bytes> {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
}

/** A body whose end a transform tells, as people write it themselves. */
export function counted(body: ReadableStream<Bytes> | null): ReadableStream<Bytes> | null {
  let bytes = 0;
  const watch = new TransformStream<Bytes, Bytes>({
    transform(piece, controller) {
      bytes += piece.byteLength;
      controller.enqueue(piece);
    },
    flush: () => count({ type: "completed", bytes }),
  });
  return body?.pipeThrough(watch) ?? null;
}

/** The sources of the responses that are held open, as an application that pushes holds them. */
const held = new Set<ReadableStreamDefaultController<Bytes>>();

/** A source that gives one byte, and then stays open. */
function hold(): ReadableStream<Bytes> {
  let own: ReadableStreamDefaultController<Bytes>;
  return new ReadableStream({
    start(controller) {
      own = controller;
      held.add(controller);
      controller.enqueue(new Uint8Array([120]));
    },
    cancel() {
      held.delete(own);
    },
  });
}
