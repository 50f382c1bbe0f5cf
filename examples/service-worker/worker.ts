// A service worker that answers a slow stream and a text by itself, and keeps a log of how its answers have ended.
import { type Callback, type FetchEvent, ResponseThen, withResponseThen } from "response-then/service-worker";

/** `lib.webworker.d.ts` has this too. */
declare const self: {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate" | "fetch", listener: (event: FetchEvent) => void): void;
};

/** Twenty lines, one every 60 ms. */
function slowLines(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      controller.enqueue(encoder.encode(`line ${++line}\n`));
      if (line === 20) controller.close();
    },
  });
}

/** A callback that tells the server about the answer to a request; the worker stays alive until it is told. */
function log({ method, url }: Request): Callback {
  return ({ type, response, bytes, duration, observed }, { signal }) => {
    const time = `${duration.toFixed(0)} ms`;
    const body = `${method} ${new URL(url).pathname} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`;
    return fetch("/log", { method: "POST", body, signal });
  };
}

const respond = withResponseThen((request) =>
  new URL(request.url).pathname === "/worker/stream"
    ? new ResponseThen(slowLines(), log(request), { headers: { "content-type": "text/plain" } })
    : new ResponseThen("Hello\n", log(request)),
);

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  // Everything else goes to the network, as if there were no worker.
  if (new URL(event.request.url).pathname.startsWith("/worker/")) respond(event);
});
