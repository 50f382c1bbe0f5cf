/**
 * response-then for service workers.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, wrapHandler } from "../src/exchange/index.ts";
import type { Callbacks } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/** What is used of the event that a service worker answers. */
export interface FetchEvent {
  /** What the page, or the browser for it, asks. */
  readonly request: Request;
  /** Gives the answer; throws when the event is over. */
  respondWith(response: Promise<Response>): void;
  /** Keeps the worker alive until the promise settles; throws when the event is over. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * Makes a listener for `fetch` events of a handler. The browser keeps the worker alive until the callbacks have settled,
 * by `event.waitUntil`, which is taken while the event can still be extended. What the handler answers is watched: it ends
 * when the browser has read it (`observed: "pulled"`) or cancels it, because the page aborted its request or was left;
 * `HEAD` requests and responses without a body end when the browser gets them (`"handed-over"`).
 *
 * The listener always responds. What is to go to the network untouched must not come to it: see the example. A handler
 * that throws, at once or later, is a network error for the page.
 *
 * @param handler Gets the event beside the request.
 * @param callback Runs after every response of the handler, also when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for a callback that is none.
 *
 * @example
 * ```ts
 * import { type FetchEvent, ResponseThen, withResponseThen } from "response-then/service-worker";
 *
 * declare const self: { addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void };
 *
 * const respond = withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type)));
 * self.addEventListener("fetch", (event) => {
 *   if (new URL(event.request.url).pathname === "/hello") respond(event);
 * });
 * ```
 */
export function withResponseThen<Event extends FetchEvent>(
  handler: FetchHandler<[event: Event]>,
  callback?: Callbacks,
): (event: Event) => void {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  const answer = wrapHandler(handler, hostOf, callback);
  // Async: with a throw at once the browser would ask the network, as if there were no worker.
  return (event) => event.respondWith((async () => answer(event.request, event))());
}

function hostOf({ method }: Request, event: FetchEvent): HostSignals {
  return { method, waitUntil: event };
}
