// The application of the middleware's tests: each response passes two loggers with changes of headers between them. Runs
// unchanged on Node, Bun, Deno and workerd.
import { Hono } from "hono";
import { ResponseThen } from "../../../src/index.ts";
import {
  compose,
  type FetchHandler,
  headers,
  type LoggerOptions,
  logger,
  type Middleware,
} from "../../../src/middleware/index.ts";

/** A line as a logger wrote it, or how a callback was called. */
export interface Told {
  readonly name: "outer" | "inner" | "own";
  readonly line: string;
}

const told: Told[] = [];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function sourceOf(chunks: number, failAt?: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let pulls = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(20);
        if (pulls === failAt) return controller.error(new Error("source failed"));
        if (pulls++ === chunks) return controller.close();
        controller.enqueue(new Uint8Array(1_000).fill(97));
      },
    },
    { highWaterMark: 0 },
  );
}

const handler: FetchHandler = async (request) => {
  const url = new URL(request.url);
  switch (url.pathname.split("/").at(-1)) {
    case "plain":
      return new Response("Hello, world", { headers: { "x-old": "1", "x-gone": "1" } });
    case "stream":
      return new Response(sourceOf(5));
    case "endless":
      return new Response(sourceOf(Number.POSITIVE_INFINITY));
    case "fails":
      return new Response(sourceOf(5, 1));
    case "throws":
      throw new Error("handler failed");
    case "nothing":
      return new Response(null, { status: 204 });
    case "own":
      return new ResponseThen("Hello, world", ({ type }) => told.push({ name: "own", line: `${url.search} ${type}` }));
    case "redirect":
      return Response.redirect(new URL("/elsewhere", url), 303);
    case "fetched":
      return fetch(new URL("/source", url));
    default:
      return new Response("no such route", { status: 404 });
  }
};

/** The client's address, from what the runtime gives beside the request. */
type Remote = NonNullable<LoggerOptions["remote"]>;

const middlewareWith = (remote: Remote): Middleware[] => [
  logger({ format: "json", remote, sink: (line) => told.push({ name: "outer", line }) }),
  headers({ "x-old": "2", "x-new": "3", "x-gone": null }),
  logger({ sink: (line) => told.push({ name: "inner", line }) }),
];

/** As the docs say that it is used in Hono: on Workers with the context. */
function use(app: Hono, middleware: Middleware, onWorkers: boolean): void {
  app.use(async (c, next) => {
    const handler = middleware(async () => {
      await next();
      return c.res;
    });
    const response = await (onWorkers ? handler(c.req.raw, c.executionCtx) : handler(c.req.raw));
    c.res = undefined;
    c.res = response;
  });
}

/** A Hono app that has the middleware inside, or none. */
function honoApp(inside: readonly Middleware[], onWorkers = false): FetchHandler {
  const app = new Hono();
  for (const each of inside) use(app, each, onWorkers);
  app.onError((_error, c) => c.text("Hono's answer", 500));
  app.all("*", (c) => handler(c.req.raw) as Promise<Response>);
  return app.fetch as FetchHandler;
}

type Wrap = <Rest extends readonly unknown[]>(handler: FetchHandler<Rest>) => FetchHandler<Rest>;

/**
 * The ways in which the middleware is used, by the first part of the path.
 *
 * @param wrap What an adapter wraps a handler in.
 * @param wrap What an adapter wraps a handler in; on Workers also the Hono app that has the middleware inside.
 */
export function createFetch(wrap: Wrap, remote: Remote, onWorkers = false): FetchHandler {
  const middleware = middlewareWith(remote);
  const inHono = honoApp(middleware, onWorkers);
  const ways: Record<string, FetchHandler> = {
    alone: compose(handler, ...middleware),
    wrapped: wrap(compose(handler, ...middleware)),
    "around-hono": compose(honoApp([]), ...middleware),
    "in-hono": onWorkers ? wrap(inHono) : inHono,
    told: () => Response.json(told),
    source: () => new Response("from afar", { status: 203, headers: { "x-old": "1", "x-gone": "1" } }),
  };
  return (request, ...rest) => {
    const way = new URL(request.url).pathname.split("/")[1] ?? "";
    return ways[way]?.(request, ...rest) ?? new Response("no such way", { status: 404 });
  };
}
