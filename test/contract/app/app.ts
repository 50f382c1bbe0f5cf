// The application that every host serves, unchanged: the first part of a path is the way in which its responses are made
// and sent, the last one the route; `/control/…` tells what was seen.
import { Hono } from "hono";
import { responseThen } from "../../../adapters/hono.ts";
import type { Callbacks, ResponseThen } from "../../../src/index.ts";
import { inside } from "../inside/index.ts";
import { bodies } from "./bodies.ts";
import { callbacks } from "./callbacks.ts";
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

/** Answers one request by the class given. */
export function respond(Class: typeof ResponseThen, request: { url: string }): Response | Promise<Response> {
  const url = new URL(request.url);
  const id = idOf(url);
  const route = routes[pathOf(url).at(-1) ?? ""];
  return route?.({ Class, id, url, own: record(id) }) ?? new Response("no such route", { status: 404 });
}

/** Answers by the class in the handler alone. */
function alone(Class: typeof ResponseThen): Handler {
  return (request: Request) => respond(Class, request);
}

/** Answers in a Hono app with the middleware installed. */
function inHono(Class: typeof ResponseThen): Handler {
  const app = new Hono();
  app.use(responseThen());
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
 * @param withResponseThen Of the host's adapter: the ways `wrapped`, and `told`, where it has a callback too.
 */
export function createFetch(Class: typeof ResponseThen, withResponseThen?: Wrap): Handler {
  const ways: Record<string, Handler> = { alone: alone(Class), hono: inHono(Class) };
  if (withResponseThen) {
    ways.wrapped = withResponseThen(alone(Class));
    ways.told = (request: Request, ...rest) =>
      withResponseThen(alone(Class), record(idOf(new URL(request.url)), "adapter"))(request, ...rest);
  }
  return (request: Request, ...rest) => {
    const handler = ways[pathOf(new URL(request.url))[1] ?? ""];
    return handler ? handler(request, ...rest) : control(Class, request);
  };
}
