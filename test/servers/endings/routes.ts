// One route per ending. Runs unchanged on Node, Bun and Deno.
import { existsSync } from "node:fs";
import { ResponseThen, type ResponseThenInit } from "../../../src/index.ts";
import { eventsOf, note, record } from "./records.ts";

type Answer = Response | Promise<Response>;

/** The length of the large bodies: more than a socket's buffers hold. */
export const LARGE = 20_000_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A source in chunks of 1,000 bytes, one every `every` ms, which records its cancel and its end. */
function source(id: string, { chunks = Number.POSITIVE_INFINITY, every = 5, stallAt = -1, failAt = -1 }) {
  let pulls = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        await pause(every);
        if (pulls === failAt) return controller.error(new Error("source failed"));
        if (pulls === stallAt) await pause(600_000);
        if (pulls++ < chunks) return controller.enqueue(new Uint8Array(1_000).fill(97));
        note(id, "source ends");
        controller.close();
      },
      cancel: () => note(id, "cancel"),
    },
    { highWaterMark: 0 },
  );
}

const released = new Map<string, () => void>();

/** Lets a handler go on that waits for it. */
export function release(id: string): void {
  released.get(id)?.();
}

function whenReleased(id: string): Promise<void> {
  return new Promise((resolve) => released.set(id, resolve));
}

/** Blocks the thread until the client says, by a file, that it has the last byte; but not for ever. */
function block(id: string, file: string): void {
  const start = performance.now();
  while (!existsSync(file) && performance.now() - start < 8_000);
  note(id, existsSync(file) ? "answered" : "blocked");
}

/** Answers a request; the handlers of some routes are async, and those of others are not. */
export function answer(request: { url: string }): Answer {
  const url = new URL(request.url, "http://localhost");
  const id = url.searchParams.get("id") ?? "";
  const init: ResponseThenInit = { headers: { "x-id": id } };
  const own = record(id, "own");
  note(id, "handler");
  switch (url.pathname.split("/").at(-1)) {
    case "string":
      return new ResponseThen("Hello, world", own, init);
    case "unread":
      return new ResponseThen("x".repeat(20_000), own, init);
    case "large":
      return new ResponseThen("x".repeat(LARGE), own, init);
    case "bytes":
      return new ResponseThen(new Uint8Array(5_000), own, init);
    case "blob":
      return new ResponseThen(new Blob(["x".repeat(5_000)]), own, init);
    case "stream":
      return new ResponseThen(source(id, { chunks: 5 }), own, init);
    case "plain":
      return new Response("Hello, world", init);
    case "flowing":
      return new ResponseThen(source(id, {}), own, init);
    case "idle":
      return new ResponseThen(source(id, { stallAt: 2 }), own, init);
    case "fails-first":
      return new ResponseThen(source(id, { failAt: 0 }), own, init);
    case "fails":
      return new ResponseThen(source(id, { failAt: 2 }), own, init);
    case "drains":
      return new ResponseThen(source(id, { chunks: 100 }), own, { ...init, onCancel: "drain" });
    case "204":
    case "304":
      return new ResponseThen(null, own, { ...init, status: Number(url.pathname.slice(-3)) });
    case "redirect": {
      const headers = { ...init.headers, location: "http://localhost/elsewhere" };
      return new ResponseThen(null, own, { headers, status: 303 });
    }
    case "waits-string":
      return whenReleased(id).then(() => new ResponseThen("Hello, world", own, init));
    case "waits-large":
      return whenReleased(id).then(() => new ResponseThen("x".repeat(LARGE), own, init));
    case "waits-stream":
      return whenReleased(id).then(() => new ResponseThen(source(id, { chunks: 5 }), own, init));
    case "waits-plain":
      return whenReleased(id).then(() => new Response("Hello, world", init));
    case "throws-early":
      throw new Error("handler failed");
    case "throws":
      new ResponseThen("never sent", own, init);
      throw new Error("handler failed");
    case "throws-async":
      return pause(5).then(() => {
        new ResponseThen("never sent", own, init);
        throw new Error("handler failed");
      });
    case "dropped":
      new ResponseThen("never sent", record(id, "dropped"), init);
      return new Response("another one");
    case "replaced":
      new ResponseThen("never sent", record(id, "dropped"), init);
      return new ResponseThen("Hello, world", own, init);
    case "late":
      return late(id, init);
    case "mixed":
      return mixed(id, Number(url.searchParams.get("n")), init);
    case "blocks":
    case "blocks-small": {
      const body = "x".repeat(url.pathname.endsWith("small") ? 10 : 100_000);
      return new ResponseThen(body, () => block(id, url.searchParams.get("file") ?? ""), init);
    }
    default:
      return new Response("no such route", { status: 404 });
  }
}

/** Builds responses while the answer goes out and after it has gone: they belong to nobody. */
function late(id: string, init: ResponseThenInit): Response {
  const response = new ResponseThen(source(id, { chunks: 40 }), record(id, "own"), init);
  setTimeout(async () => {
    const begun = new ResponseThen("late", record(id, "built while it goes out"), init);
    new ResponseThen(null, record(id, "empty"), init);
    new ResponseThen("never sent", record(id, "dropped"), init);
    await untilTold(id, "own");
    const after = new ResponseThen("late", record(id, "built after it"), init);
    await pause(100);
    note(id, "reads");
    await Promise.all([begun.text(), after.text()]);
  }, 20);
  return response;
}

async function untilTold(id: string, name: string): Promise<void> {
  while (!eventsOf(id).some((event) => event.at === "callback" && event.name === name)) await pause(10);
}

/** Waits now and then, for a time of its own; every other request drops a response meanwhile. */
async function mixed(id: string, n: number, init: ResponseThenInit): Promise<Response> {
  await pause((n * 7) % 30);
  if (n % 2 === 1) new ResponseThen("never sent", record(id, "dropped"), init);
  await pause((n * 11) % 30);
  const body = n % 4 < 2 ? "Hello, world" : source(id, { chunks: 5 });
  const response = new ResponseThen(body, record(id, "own"), init);
  await pause((n * 13) % 30);
  return response;
}
