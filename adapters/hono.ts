/**
 * response-then for Hono, on every runtime that Hono runs on: a middleware, `onFinished(c, callback)`, and a logger.
 *
 * @module
 */
import type { Context, MiddlewareHandler } from "hono";
import {
  CallbacksForAll,
  currentHandling,
  Exchange,
  expected,
  type Handling,
  type HostSignals,
  NodeSignals,
  onDeno,
  outgoingOf,
  READ_ON,
  signalsOfInfo,
  signalsOfRequest,
} from "../src/exchange/index.ts";
import type { Callbacks, Outcome, ResponseThenOptions, WaitUntilObject } from "../src/index.ts";

export * from "../src/index.ts";

/** The exchange of each context that is not answered yet. */
const exchanges = new WeakMap<Context, Handling>();

/**
 * Middleware that hands the responses of a Hono app over. It ends those that Hono never reads (`HEAD`, no body), gives
 * the platform's `waitUntil` to those that were built without one, and makes `onFinished(c, callback)` work in
 * handlers.
 *
 * Put it first, so that it sees the response that is really sent.
 *
 * @param callback Runs after every response that passes through, including those to errors and not-found.
 * @param options How the callback is run.
 * @throws {TypeError} for an invalid callback.
 * @throws {TypeError | RangeError} for an option of the wrong type or size.
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
  const shared = callback === undefined ? [] : [new CallbacksForAll(callback, options)];
  return async (c, next) => {
    const outer = currentHandling();
    // A wrapped handler around the app knows more about its platform, and hands the response over.
    if (outer?.answers(c.req.raw)) {
      for (const each of shared) outer.add(each);
      // There may be this middleware around it, which needs its entry after this.
      const known = exchanges.has(c);
      exchanges.set(c, outer);
      await next();
      if (!known) exchanges.delete(c);
      if (c.error) outer.failed(c.error);
      return;
    }
    const exchange = new Exchange(hostOf(c), c.req.raw, shared);
    exchanges.set(c, exchange);
    try {
      const answering = exchange.run(next);
      exchange.wait();
      await answering;
    } catch (error) {
      // What is no Error, or what onError itself threw: Hono answers all else by its onError.
      exchange.fail(error);
      throw error;
    }
    exchanges.delete(c);
    if (c.error) exchange.failed(c.error);
    replace(c, exchange.handOver(c.res));
  };
}

/**
 * Runs `callback` after the response to this request has ended. In a handler it needs the middleware `responseThen()`.
 * In a middleware, after `await next()`, it needs nothing.
 *
 * @throws {TypeError} for an invalid callback.
 * @throws {TypeError | RangeError} for an option of the wrong type or size.
 * @throws {Error} in a handler, if the middleware is not installed.
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
  const added = new CallbacksForAll(callback, options);
  const exchange = exchanges.get(c);
  if (exchange) exchange.add(added.bind());
  else if (c.finalized) replace(c, new Exchange(hostOf(c), c.req.raw, [added]).handOver(c.res));
  else
    throw new Error(
      `onFinished was called before there is a response: install the middleware, app.use(responseThen())${READ_ON}`,
    );
}

/** Prints one line, as `console.log` does. Hono's `logger()` takes the same type. */
export type PrintFunction = (line: string, ...rest: string[]) => unknown;

/**
 * Middleware that prints the two lines of `hono/logger`, the second one when the response has really ended. That line
 * has the time from the request to the end, the bytes of the body, and `canceled` or `errored` if it was not completed.
 *
 * ```text
 * <-- GET /stream
 * --> GET /stream 200 4s 271 bytes
 * <-- GET /stream
 * --> GET /stream 200 1s 52 bytes canceled
 * ```
 *
 * Each request prints each line once, even if the client left. If a handler throws, the line has the status of the
 * answer that Hono makes of the error. Control characters are percent-encoded, so no path can forge a line. It prints
 * no colors. Put it first, with or without `responseThen()`. It does not promise the order of lines between requests.
 *
 * @param print Called once per line; default `console.log`. If it throws for a second line, that is reported like any
 * callback's failure.
 * @throws {TypeError} for a `print` that is no function.
 *
 * @example
 * ```ts
 * import { Hono } from "hono";
 * import { logger } from "response-then/hono";
 *
 * const app = new Hono();
 * app.use(logger());
 * app.get("/", (c) => c.text("Hello"));
 * ```
 */
export function logger(print: PrintFunction = console.log): MiddlewareHandler {
  if (typeof print !== "function") throw expected("print", "a function", print);
  const middleware = responseThen();
  return (c, next) => {
    const { method, url } = c.req;
    const request = `${method} ${url.slice(url.indexOf("/", 8))}`.replace(UNPRINTABLE, encodeURIComponent);
    print(`<-- ${request}`);
    const callback = lineAfter(request, print);
    return middleware(c, () => {
      onFinished(c, callback);
      return next();
    });
  };
}

/**
 * A function of its own, so that the callback does not refer to the context, which leads to the response that it waits
 * for.
 */
function lineAfter(request: string, print: PrintFunction): (outcome: Outcome) => unknown {
  const start = Date.now();
  return ({ type, response, bytes, startTime, duration }) => {
    const end = type === "completed" ? "" : ` ${type}`;
    // Counted from the request. The outcome's own duration counts from when the response was built.
    const time = elapsed(startTime - start + duration);
    return print(`--> ${request} ${response.status} ${time} ${bytes} bytes${end}`);
  };
}

/** Control characters, and characters that reorder or hide the text around them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes a time as `hono/logger` does. */
function elapsed(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)}ms` : `${Math.round(ms / 1_000)}s`;
}

function replace(c: Context, response: Response): void {
  if (response === c.res) return;
  // If there is an old response, Hono merges its headers into a new one, and the class is lost. So the old one goes
  // first.
  c.res = undefined;
  c.res = response;
}

function hostOf(c: Context): HostSignals {
  const host = { method: c.req.raw.method, waitUntil: executionContext(c) };
  const outgoing = outgoingOf(c.env);
  if (outgoing) return new NodeSignals(outgoing, host.method);
  // Only on Deno: elsewhere a binding may have a member of the same name (a service binding has every method).
  if (onDeno) return { ...host, ...signalsOfInfo(c.env) };
  return { ...host, ...signalsOfRequest(c.req.raw) };
}

function executionContext(c: Context): WaitUntilObject | undefined {
  try {
    const ctx: Partial<WaitUntilObject> = c.executionCtx;
    return typeof ctx.waitUntil === "function" ? (ctx as WaitUntilObject) : undefined;
  } catch {
    // Hono throws where the platform has no execution context.
    return undefined;
  }
}
