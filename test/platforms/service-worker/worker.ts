// The service worker of the test. What its callbacks and sources see it posts to the site, which writes it down.
import { type FetchEvent, type Outcome, ResponseThen, withResponseThen } from "../../../adapters/service-worker.ts";

/** What is used of the global scope of a service worker; the compiler has that of a page. */
declare const self: {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(type: "install" | "activate" | "fetch", listener: (event: FetchEvent) => void): void;
};

const queryOf = ({ url }: Request) => new URL(url).searchParams;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let noting: Promise<unknown> = Promise.resolve();

/** One after another: requests that are under way at once arrive in any order. */
function note(id: string | null, ...event: unknown[]): Promise<unknown> {
  noting = noting.then(() => fetch("/notes", { method: "POST", body: JSON.stringify([id, ...event]) }));
  return noting;
}

function record(id: string | null, name: string) {
  return (outcome: Outcome) => {
    const { type, observed, bytes, response } = outcome;
    const why =
      outcome.type === "canceled" ? outcome.reason.name : outcome.type === "errored" ? `${outcome.error}` : "";
    return note(id, name, type, observed, response.status, why, type === "completed" ? bytes : outcome.phase);
  };
}

/** Pieces of 1,000 bytes, and then an end, a failure, or silence. */
function source(id: string | null, pieces: number, then: "ends" | "fails" | "stalls") {
  let pulls = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        await pause(5);
        if (pulls++ < pieces) return controller.enqueue(new Uint8Array(1_000).fill(97));
        if (then === "fails") throw new Error("source failed");
        if (then === "stalls") return new Promise<void>(() => {});
        controller.close();
      },
      cancel: async () => void (await note(id, "source canceled")),
    },
    { highWaterMark: 0 },
  );
}

async function answer(request: Request, event: FetchEvent): Promise<Response> {
  const id = queryOf(request).get("id");
  const own = record(id, "own");
  switch (new URL(request.url).pathname.split("/")[2]) {
    case "string":
      return new ResponseThen("Hello", own);
    case "stream":
      return new ResponseThen(source(id, 5, "ends"), own);
    case "flowing":
      // A document too, not a download.
      return new ResponseThen(source(id, Number.POSITIVE_INFINITY, "ends"), own, {
        headers: { "content-type": "text/html" },
      });
    case "idle":
      return new ResponseThen(source(id, 2, "stalls"), own);
    case "fails":
      return new ResponseThen(source(id, 2, "fails"), own);
    case "nothing":
      return new ResponseThen(null, own, { status: 204 });
    case "late":
      await pause(500);
      return new ResponseThen(source(id, 5, "ends"), own);
    case "dropped":
      void new ResponseThen(null, own);
      return new Response("another");
    case "extends":
      return new ResponseThen("Hello", async () => {
        await pause(50);
        let extended = "yes";
        try {
          event.waitUntil(Promise.resolve());
        } catch (error) {
          extended = (error as Error).name;
        }
        await note(id, "extended", extended);
      });
    case "network":
      return fetch("/file");
    case "opaque":
      return fetch(queryOf(request).get("from") as string, { mode: "no-cors" });
    default:
      throw new Error("no such answer");
  }
}

function atOnce(): Response {
  throw new Error("at once");
}

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const { pathname } = new URL(event.request.url);
  const told = record(queryOf(event.request).get("id"), "adapter");
  if (pathname.startsWith("/alone/")) event.respondWith(answer(event.request, event));
  if (pathname.startsWith("/wrapped/")) withResponseThen(answer)(event);
  if (pathname.startsWith("/told/")) withResponseThen(answer, told)(event);
  if (pathname.startsWith("/at-once/")) withResponseThen(atOnce, told)(event);
});
