/**
 * response-then for `Bun.serve`.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, signalsOfRequest, wrapHandler } from "../src/exchange/index.ts";
import type { Callbacks } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

type BunAnswer = Response | undefined;

/** What Bun calls: a `fetch`, which gives nothing where it has upgraded the request to a WebSocket, or that of a route. */
// biome-ignore lint/suspicious/noExplicitAny: a route's request and its server have narrower types
export type BunHandler = (request: any, ...rest: any[]) => BunAnswer | Promise<BunAnswer>;

/**
 * Wraps a handler of `Bun.serve`, its `fetch` or one of its `routes`. Fixed bodies of up to 64 KiB are sent as those of
 * plain responses, and end when Bun gets them (`observed: "handed-over"`); longer ones and streams are watched
 * (`"pulled"`). A client that left before the handler answered is canceled, with `phase: "before-body"`.
 *
 * A handler that upgrades the request to a WebSocket gives nothing, as Bun wants it: there is no response, and no callback.
 *
 * Bun closes a connection on which nothing happens for `idleTimeout` (10 s by default), and that looks like a client that
 * left: for slow streams set it higher, or call `server.timeout(request, 0)`.
 *
 * @param callback Runs after every response of the handler, also when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for a callback that is none.
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
  return { method: request.method, ...signalsOfRequest(request) };
}
