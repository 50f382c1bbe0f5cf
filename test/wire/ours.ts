import type { MiddlewareHandler } from "hono";
import { responseThen } from "../../adapters/hono.ts";
import { type Callbacks, responseFinished } from "../../src/index.ts";
import { compose, type FetchHandler, logger } from "../../src/middleware/index.ts";
import type { Handler } from "./app.ts";

/** In which way we look at plain responses. */
export type Mode = "callback" | "logger" | "hono" | "listener";

/** What the application uses of us. */
export interface Ours {
  wrap(mode: Mode, path: string, handler: Handler): Handler;
  middleware(path: string): MiddlewareHandler;
  control(path: string): Response;
}

/** @param withResponseThen The adapter's. */
// biome-ignore lint/suspicious/noExplicitAny: each adapter has its own types of handlers
export function oursOf({ withResponseThen }: { withResponseThen(handler: any, callback?: Callbacks): any }): Ours {
  /** How often each path was told of. */
  const told: Record<string, number> = {};
  const count = (path: string) => () => {
    told[path] = (told[path] ?? 0) + 1;
  };
  return {
    wrap(mode, path, handler) {
      if (mode === "callback") return withResponseThen(handler, count(path));
      if (mode === "logger") return compose(handler as FetchHandler, logger({ sink: count(path) })) as Handler;
      return withResponseThen(handler);
    },
    middleware: (path) => responseThen(count(path)),
    control(path) {
      if (path === "/control/listen") {
        responseFinished.subscribe(({ request }) => {
          const path = request && decodeURIComponent(new URL(request.url).pathname);
          if (path?.startsWith("/listener/")) count(path)();
        });
      }
      return Response.json(told);
    },
  };
}
