// The application that every host serves: one route per kind of response, and a record of what the callbacks saw.
// Runs unchanged on Node, Bun, Deno and workerd.
import { Hono } from "hono";
import { responseThen } from "../../adapters/hono.ts";
import type { Outcome, ResponseThen } from "../../src/index.ts";

/** What `/events` tells of one request, in the order in which it happened. */
export type Event =
  | { at: "source"; what: "canceled"; pulls: number }
  | { at: "onError"; message: string }
  | ({ at: "callback"; error?: string; reason?: string } & Pick<Outcome, "type" | "observed" | "bytes"> & {
        status: number;
        phase?: string;
      });

const events = new Map<string, Event[]>();

function eventsOf(id: string): Event[] {
  const list = events.get(id) ?? [];
  events.set(id, list);
  return list;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A source that is pulled, and that records its cancel. `size` counts bytes; `failAt` is a chunk's number. */
function source(id: string, options: { chunk: number; chunks: number; every?: number; failAt?: number }) {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (options.every !== undefined) await pause(options.every);
        if (pulls === options.failAt) return controller.error(new Error("source failed"));
        if (pulls === options.chunks) return controller.close();
        pulls++;
        pulled.set(id, pulls * options.chunk);
        controller.enqueue(new Uint8Array(options.chunk).fill(97));
      },
      cancel() {
        eventsOf(id).push({ at: "source", what: "canceled", pulls });
      },
    },
    { highWaterMark: 0 },
  );
}

const pulled = new Map<string, number>();

// Counted in work, not in time: workerd's clock stands still while JavaScript runs.
function block(): number {
  let value = 1;
  for (let i = 0; i < 100_000_000; i++) value = (value * 31 + i) | 0;
  return value;
}

export const MEBIBYTE = 1_048_576;

/** Answers one request of the contract with a response of the class given. */
export function respond(Class: typeof ResponseThen, request: Request): Response {
  const url = new URL(request.url);
  const id = url.searchParams.get("id") ?? "";
  const list = eventsOf(id);
  const record = (outcome: Outcome) => {
    list.push({
      at: "callback",
      type: outcome.type,
      observed: outcome.observed,
      bytes: outcome.bytes,
      status: outcome.response.status,
      ...("phase" in outcome && { phase: outcome.phase }),
      ...(outcome.type === "errored" && { error: (outcome.error as Error).message }),
      ...(outcome.type === "canceled" && { reason: outcome.reason.name }),
    });
  };
  switch (url.pathname.split("/").at(-1)) {
    case "string":
      return new Class("Hello, world", record);
    case "stream":
      return new Class(source(id, { chunk: 1_000, chunks: 5, every: 5 }), record);
    case "plain-string":
      return new Response("Hello, world");
    case "plain-stream":
      return new Response(source(id, { chunk: 1_000, chunks: 5, every: 5 }));
    case "endless":
      return new Class(source(id, { chunk: 1_000, chunks: Number.POSITIVE_INFINITY, every: 5 }), record);
    case "fails":
      return new Class(source(id, { chunk: 1_000, chunks: 5, every: 5, failAt: 2 }), record);
    case "big":
      return new Class(source(id, { chunk: 65_536, chunks: 512 }), record);
    case "nothing":
      return new Class(null, record, { status: 204 });
    case "redirect":
      return Class.redirect(new URL("/elsewhere", url), record, 303);
    case "throws":
      return new Class(
        "Hello, world",
        [
          () => {
            throw new Error("callback failed");
          },
          record,
        ],
        { onError: (error) => list.push({ at: "onError", message: (error as Error).message }) },
      );
    case "blocks":
    case "blocks-small":
      return new Class("x".repeat(url.pathname.endsWith("small") ? 10 : 100_000), (outcome) => {
        block();
        record(outcome);
      });
    case "events":
      return Response.json(list);
    case "pulled":
      return Response.json(pulled.get(id) ?? 0);
    default:
      return new Response("no such route", { status: 404 });
  }
}

/** The same routes in a Hono app with the middleware installed. */
export function honoApp(Class: typeof ResponseThen): Hono {
  const app = new Hono();
  app.use(responseThen());
  app.all("*", (c) => respond(Class, c.req.raw));
  return app;
}

/** `/hono/…` is answered by the Hono app, everything else by the class in the handler alone. */
export function createFetch(Class: typeof ResponseThen): Hono["fetch"] {
  const app = honoApp(Class);
  return (request, ...rest) =>
    new URL(request.url).pathname.startsWith("/hono/") ? app.fetch(request, ...rest) : respond(Class, request);
}
