// The application of every server: /<content>/<candidate>. Runs unchanged on Node, Bun and Deno.
import process from "node:process";
import type { Outcome, ResponseThen } from "../../../dist/src/index.js";
import { memory } from "./memory.ts";

type Handler = (request: Request) => Response | Promise<Response>;
// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request, each something else
type ServerHandler = (request: Request, ...rest: any[]) => Response | Promise<Response>;

/** What the callbacks of one path were told. */
export type Told = Record<Outcome["type"], number> & { bytes: number };

export const TEXT = "Hello, world";

/** The pieces of the streams. */
const PIECE = new Uint8Array(65_536).fill(120);

const SMALL = new Uint8Array(20).fill(120);

/** The sources of the responses that are held open, as an application that pushes holds them. */
const held = new Set<ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>>();

/**
 * The `fetch` of a server.
 *
 * @param wrap The adapter's `withResponseThen`.
 */
export function createFetch(Class: typeof ResponseThen, wrap: (handler: Handler) => ServerHandler): ServerHandler {
  const told: Record<string, Told> = {};
  const routes = new Map<string, ServerHandler>();
  const add = (path: string, handler: (count: (outcome: Outcome) => void) => Handler) => {
    const entry: Told = { completed: 0, canceled: 0, errored: 0, bytes: 0 };
    told[path] = entry;
    const answer = handler(({ type, bytes }) => {
      entry[type]++;
      entry.bytes += bytes;
    });
    routes.set(path, path.includes("/wrapped") ? wrap(answer) : answer);
  };
  /** A plain response, a `ResponseThen` alone, and one under the adapter. */
  const addThree = (content: string, body: (path: string) => string | ReadableStream<Uint8Array<ArrayBuffer>>) => {
    add(`/${content}/plain`, () => () => new Response(body(`/${content}/plain`)));
    add(`/${content}/alone`, (count) => () => new Class(body(`/${content}/alone`), count));
    add(`/${content}/wrapped`, (count) => () => new Class(body(`/${content}/wrapped`), count));
  };

  /** And as people write it themselves. */
  const addFour = (content: string, body: (path: string) => ReadableStream<Uint8Array<ArrayBuffer>>) => {
    addThree(content, body);
    add(`/${content}/folk`, (count) => () => new Response(counting(body(`/${content}/folk`), count)));
  };

  addThree("string", () => TEXT);
  add("/string/plain-async", () => async () => {
    await something();
    return new Response(TEXT);
  });
  add("/string/wrapped-async", (count) => async () => {
    await something();
    return new Class(TEXT, count);
  });
  add("/string/folk", (count) => () => {
    const flush = () => count({ type: "completed", bytes: TEXT.length } as Outcome);
    return new Response(new Response(TEXT).body?.pipeThrough(new TransformStream({ flush })) ?? null);
  });
  for (const megabytes of [4, 200, 256]) addFour(`stream-${megabytes}`, () => stream(megabytes * 16, PIECE));
  for (const count of [1_000, 10_000]) addFour(`pieces-${count}`, () => stream(count, SMALL));
  for (const megabytes of [4, 256]) {
    const passOn = (name: string, answer: (upstream: Response, count: (outcome: Outcome) => void) => Response) => {
      const url = `${process.env.UPSTREAM}/${megabytes * 2 ** 20}`;
      add(`/upstream-${megabytes}/${name}`, (count) => async () => answer(await fetch(url), count));
    };
    passOn("plain", (upstream) => upstream);
    passOn("alone", (upstream, count) => Class.from(upstream, count));
    passOn("wrapped", (upstream, count) => Class.from(upstream, count));
    passOn("folk", (upstream, count) => new Response(counting(upstream.body, count), upstream));
  }
  const pulled: Record<string, number> = {};
  addFour("ahead", (path) =>
    stream(Number.POSITIVE_INFINITY, PIECE, () => {
      pulled[path] = (pulled[path] ?? 0) + PIECE.byteLength;
    }),
  );
  routes.set("/pulled", () => Response.json(pulled));
  addThree("held", hold);
  routes.set("/told", () => Response.json(told));
  routes.set("/memory", async () => Response.json(await memory()));

  return (request, ...rest) => {
    const { url } = request;
    const route = routes.get(url.slice(url.indexOf("/", 8)));
    return route ? route(request, ...rest) : new Response("no such route", { status: 404 });
  };
}

async function something(): Promise<void> {
  await Promise.resolve();
}

function stream(
  count: number,
  piece: Uint8Array<ArrayBuffer>,
  pulled: () => void = () => {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull(controller) {
      pulled();
      if (count-- > 0) controller.enqueue(piece);
      else controller.close();
    },
  });
}

/** A body whose end is told by a transform. */
function counting(
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
  count: (outcome: Outcome) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> | null {
  let bytes = 0;
  const watch = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, controller) {
      bytes += piece.byteLength;
      controller.enqueue(piece);
    },
    flush: () => count({ type: "completed", bytes } as Outcome),
  });
  return body?.pipeThrough(watch) ?? null;
}

/** A source that gives one byte, and then stays open. */
function hold(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let own: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
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
