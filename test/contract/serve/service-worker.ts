// The service worker that answers every path of the contract, and leaves the rest to the network.
import "../app/uncollected.ts";
import { type FetchEvent, ResponseThen, withResponseThen } from "../../../adapters/service-worker.ts";
import type { Callbacks } from "../../../src/index.ts";
import { createFetch, type Handler } from "../app/app.ts";
import { watchWaiting } from "../app/waiting.ts";

/** What is used of the global scope of a service worker; the compiler has that of a page. */
declare const self: {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate" | "fetch", listener: (event: FetchEvent) => void): void;
};

/** The adapter makes a listener of a handler: in it the path decides, as it does elsewhere. */
let event: FetchEvent;
const wrap = (handler: Handler, callback?: Callbacks): Handler => {
  const listener = withResponseThen(handler, callback);
  return () => {
    listener(event);
    return undefined as never;
  };
};
const fetch = createFetch(ResponseThen, wrap);

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (given) => {
  if (!/^\/(alone|wrapped|wrapped-told|control)\//.test(new URL(given.request.url).pathname)) return;
  event = watchWaiting(given, given.request.url);
  const answer = fetch(given.request);
  // The wrapped ways have answered by themselves.
  if (answer) given.respondWith(Promise.resolve(answer));
});
