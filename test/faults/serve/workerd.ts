import { ResponseThen, withResponseThen } from "../../../adapters/cloudflare.ts";
import { createFetch, type Handler, type Route, type Wrap } from "../app.ts";
import { hostile } from "../hostile-routes.ts";
import { routes } from "../routes.ts";

interface Env {
  /** A server of the test. */
  readonly UPSTREAM?: string;
}

const handlers = new Map<string | undefined, Handler>();

function handlerFor(upstream: string | undefined): Handler {
  // A Worker has no files: it runs out of descriptors by its connections to others.
  const fetched: Route = async ({ make }) => make((await fetch(`${upstream}`)).body);
  return createFetch(ResponseThen, withResponseThen as Wrap, { ...routes, ...hostile, fetched });
}

export default {
  fetch(request: Request, env: Env, ctx: unknown): Response | Promise<Response> {
    const handler = handlers.get(env.UPSTREAM) ?? handlerFor(env.UPSTREAM);
    handlers.set(env.UPSTREAM, handler);
    return handler(request, env, ctx);
  },
};
