/**
 * response-then for `Bun.serve`: wraps its `fetch`, or the handlers of its `routes`.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, signalsOnBun, wrapHandler } from "../src/exchange/index.ts";
import type { Callbacks } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

type BunAnswer = Response | undefined;

/**
 * A handler that Bun calls: a `fetch`, or that of a route. It returns nothing if it has upgraded the request to a
 * WebSocket.
 */
// biome-ignore lint/suspicious/noExplicitAny: a route's request and its server have narrower types
export type BunHandler = (request: any, ...rest: any[]) => BunAnswer | Promise<BunAnswer>;

/**
 * Wraps a handler of `Bun.serve`: its `fetch`, or one of its `routes`. Fixed bodies of up to 64 KiB are sent as those
 * of plain responses, and end when Bun gets them (`observed: "handed-over"`). Longer ones and streams are watched
 * (`"pulled"`). If the client left before the handler answered, the response is canceled, with `phase: "before-body"`.
 *
 * A handler that upgrades the request to a WebSocket returns nothing, as Bun requires. Then there is no response, and
 * no callback runs.
 *
 * Bun closes a connection on which nothing happens for `idleTimeout` (10 s by default). That looks like a client that
 * left. For slow streams set it higher, or call `server.timeout(request, 0)`.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/bun";
 *
 * declare const Bun: { serve(options: object): unknown };
 *
 * Bun.serve({
 *   routes: { "/": withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type))) },
 * });
 * ```
 */
export function withResponseThen<T extends BunHandler>(handler: T, callback?: Callbacks): T {
  if (typeof handler !== "function") throw expected("handler", "a fetch function, or that of a route", handler);
  return wrapHandler(handler as unknown as FetchHandler, hostOf, callback) as T;
}

function hostOf(request: Request): HostSignals {
  return { method: request.method, ...signalsOnBun(request) };
}
