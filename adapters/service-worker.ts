/**
 * response-then for service workers: makes a `fetch` listener of a handler, and keeps the worker alive for the
 * callbacks.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, wrapHandler } from "../src/exchange/index.ts";
import type { Callbacks } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/** The used members of the event that a service worker answers. */
export interface FetchEvent {
  /** The request of the page, or of the browser on its behalf. */
  readonly request: Request;
  /** Gives the answer. Throws when the event is over. */
  respondWith(response: Promise<Response>): void;
  /** Keeps the worker alive until the promise settles. Throws when the event is over. */
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * Makes a `fetch` listener from a handler. The browser keeps the worker alive until the callbacks have settled, through
 * `event.waitUntil`, which is called while the event can still be extended. The response of the handler is watched. It
 * ends when the browser has read it (`observed: "pulled"`), or cancels it because the page aborted its request or was
 * left. `HEAD` requests and responses without a body end when the browser gets them (`"handed-over"`).
 *
 * The listener always responds. Do not call it for a request that should go to the network untouched: see the example.
 * If the handler throws, at once or later, the page gets a network error.
 *
 * @param handler Gets the event after the request.
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
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
  // Async, because after a synchronous throw the browser would ask the network, as if there were no worker.
  return (event) => event.respondWith((async () => answer(event.request, event))());
}

function hostOf({ method }: Request, event: FetchEvent): HostSignals {
  return { method, waitUntil: event };
}
