// The application that every host serves, unchanged: the first part of a path is the way in which its responses are made
// and sent, the last one the route; `/control/…` tells what was seen.
import { Hono } from "hono";
import { responseThen } from "../../../adapters/hono.ts";
import type { Callbacks, ResponseThen } from "../../../src/index.ts";
import { inside } from "../inside/index.ts";
import { bodies } from "./bodies.ts";
import { callbacks } from "./callbacks.ts";
import { logged, loggers } from "./logged.ts";
import { middleware } from "./middleware.ts";
import { allEventsOf, eventsOf, record, release } from "./records.ts";
import type { Route } from "./route.ts";
import { pulledOf } from "./source.ts";
import { stores } from "./store.ts";

// biome-ignore lint/suspicious/noExplicitAny: what hosts give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;

/** What an adapter has for handlers. */
export type Wrap = (handler: Handler, callback?: Callbacks) => Handler;

const routes: Record<string, Route> = { ...bodies, ...callbacks, ...middleware, ...stores };

const pathOf = (url: URL) => url.pathname.split("/");
const idOf = (url: URL) => url.searchParams.get("id") ?? "";

/** The id that the client gave to a request, and the way that it asks for. */
export function visitOf(request: { url: string }): { id: string; way: string } {
  const url = new URL(request.url);
  return { id: idOf(url), way: pathOf(url)[1] ?? "" };
}

/** Those of `/<way>/logged/<route>` pass two loggers, with changes of headers between them. */
const isLogged = (request: { url: string }) => pathOf(new URL(request.url))[2] === "logged";

/** Answers one request by the class given. */
export function respond(Class: typeof ResponseThen, request: Request): Response | Promise<Response> {
  const url = new URL(request.url);
  const id = idOf(url);
  const route = routes[pathOf(url).at(-1) ?? ""];
  return route?.({ Class, id, url, request, own: record(id) }) ?? new Response("no such route", { status: 404 });
}

/** Answers by the class in the handler alone. */
export function alone(Class: typeof ResponseThen): Handler {
  const answer: Handler = (request: Request) => respond(Class, request);
  const answerLogged: Handler = logged(answer);
  return (request: Request, ...rest) => (isLogged(request) ? answerLogged : answer)(request, ...rest);
}

/** Answers in a Hono app with the middleware installed. */
function inHono(Class: typeof ResponseThen): Handler {
  const app = new Hono();
  app.use(responseThen());
  for (const middleware of loggers) {
    // As docs/middleware.md says that one is used in Hono.
    app.use("/hono/logged/*", async (c, next) => {
      const handler = middleware(async () => {
        await next();
        return c.res;
      });
      const response = await handler(c.req.raw);
      c.res = undefined;
      c.res = response;
    });
  }
  app.all("*", (c) => respond(Class, c.req.raw));
  app.onError((error, c) => c.text(error.message, 500));
  return app.fetch;
}

/** What the test asks beside the routes. */
function control(Class: typeof ResponseThen, request: { url: string }): Response | Promise<Response> {
  const url = new URL(request.url);
  const id = idOf(url);
  switch (pathOf(url).at(-1)) {
    case "events":
      return Response.json(eventsOf(id));
    case "all-events":
      return Response.json(allEventsOf(id));
    case "pulled":
      return Response.json(pulledOf(id));
    case "release":
      release(id);
      return Response.json(true);
    case "inside":
      return answerInside(Class, url.searchParams.get("sentence") ?? "");
    default:
      return new Response("no such question", { status: 404 });
  }
}

async function answerInside(Class: typeof ResponseThen, text: string): Promise<Response> {
  try {
    return Response.json({ seen: await inside.find((sentence) => sentence.text === text)?.run(Class) });
  } catch (error) {
    return Response.json({ threw: `${(error as Error).stack ?? error}` });
  }
}

/**
 * The handler of a host.
 *
 * @param withResponseThen Of the host's adapter: the ways `wrapped`, and `wrapped-told`, where it has a callback too.
 * @param others Further ways of the host.
 */
export function createFetch(
  Class: typeof ResponseThen,
  withResponseThen?: Wrap,
  others: Readonly<Record<string, Handler>> = {},
): Handler {
  const ways: Record<string, Handler> = { ...others, alone: alone(Class), hono: inHono(Class) };
  if (withResponseThen) {
    const told = (id: string, name: string, handler: Handler) => withResponseThen(handler, record(id, name));
    ways.wrapped = withResponseThen(alone(Class));
    ways["wrapped-told"] = (request: Request, ...rest) =>
      told(visitOf(request).id, "adapter", alone(Class))(request, ...rest);
    ways.nested = (request: Request, ...rest) => {
      const { id } = visitOf(request);
      return told(id, "outer", told(id, "inner", alone(Class)))(request, ...rest);
    };
  }
  return (request: Request, ...rest) => {
    const handler = ways[visitOf(request).way];
    return handler ? handler(request, ...rest) : control(Class, request);
  };
}
