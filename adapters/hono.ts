/**
 * response-then for Hono, on every runtime that Hono runs on.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import {
  type Callbacks,
  handOver,
  type Platform,
  ResponseThen,
  type ResponseThenOptions,
  type WaitUntil,
} from "../src/index.ts";

export * from "../src/index.ts";

type Registration = readonly [Callbacks, ResponseThenOptions | undefined];

/** The callbacks given in a handler, before there is a response, by request. */
const registrations = new WeakMap<Context, Registration[]>();

/**
 * Middleware that hands the responses of a Hono app over: it ends those that Hono never reads (`HEAD`, no body), gives
 * the platform's `waitUntil` to those built without one, and makes `onFinished(c, callback)` work in handlers.
 *
 * Put it first, so that it sees what really goes out.
 *
 * @param callback Runs after every response that passes through, errors' and not-found's included.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { responseThen } from "response-then/hono";
 *
 * const app = new Hono();
 * app.use(responseThen((outcome) => console.log(outcome.type, outcome.response.status)));
 * app.get("/", (c) => c.text("Hello"));
 * ```
 */
export function responseThen(callback?: Callbacks, options?: ResponseThenOptions): MiddlewareHandler {
  return async (c, next) => {
    const list: Registration[] = [];
    registrations.set(c, list);
    await next();
    registrations.delete(c);
    for (const [callback, options] of list) onFinished(c, callback, options);
    if (callback !== undefined) onFinished(c, callback, options);
    replace(c, handOver(c.res, platformOf(c)));
  };
}

/**
 * Runs `callback` after the response to this request has ended. In a handler it needs the middleware
 * `responseThen()`; in a middleware, after `await next()`, it needs nothing.
 *
 * @throws {TypeError} for a callback that is none.
 * @throws {Error} in a handler, when the middleware is not installed.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { onFinished, responseThen } from "response-then/hono";
 *
 * const app = new Hono();
 * app.use(responseThen());
 * app.get("/report", (c) => {
 *   onFinished(c, (outcome) => console.log("report:", outcome.type));
 *   return c.text("…");
 * });
 * ```
 */
export function onFinished(c: Context, callback: Callbacks, options?: ResponseThenOptions): void {
  const list = registrations.get(c);
  if (list !== undefined) {
    list.push([callback, options]);
    return;
  }
  if (!c.finalized) {
    throw new Error("onFinished was called before there is a response; install the middleware: app.use(responseThen())");
  }
}
