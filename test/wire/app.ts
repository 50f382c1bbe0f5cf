// The application of every server: /<mode>/<case>/<now|later>. Runs unchanged on Node, Bun, Deno and workerd, and loads
// nothing of ours by itself.
import { Hono } from "hono";
import { cases } from "./cases.ts";
import type { Mode, Ours } from "./ours.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;

/** @param ours Without it, the server is as its users run it without us. */
export function createFetch(ours?: Ours): Handler {
  const handlers = new Map<string, Handler>();

  function handlerOf(path: string): Handler {
    const [, mode = "", name = "", when] = path.split("/");
    const answer = cases[name];
    if (!answer) throw new Error(`no such case: ${path}`);
    const now: Handler = (request: Request) => answer(request);
    const later: Handler = async (request: Request) => {
      await null;
      return answer(request);
    };
    const handler = when === "now" ? now : later;
    if (mode !== "hono") return ours ? ours.wrap(mode as Mode, path, handler) : handler;
    const app = new Hono();
    if (ours) app.use(ours.middleware(path));
    app.get("*", (c) => handler(c.req.raw));
    return (request, ...rest) => app.fetch(request, ...rest);
  }

  return (request, ...rest) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/next") return new Response("the next answer");
    if (pathname.startsWith("/control/") && ours) return ours.control(pathname);
    const path = decodeURIComponent(pathname);
    const handler = handlers.get(path) ?? handlerOf(path);
    handlers.set(path, handler);
    return handler(request, ...rest);
  };
}
