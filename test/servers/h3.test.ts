// h3 2, and so Nitro 3, on srvx: which of its ways tells what, by real sockets.
import { setTimeout as pause } from "node:timers/promises";
import { H3, onDispose, serve } from "h3";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { type Outcome, ResponseThen, responseThen } from "../../adapters/srvx.ts";
import { send } from "../client.ts";

const events: unknown[] = [];
beforeEach(() => void events.splice(0));

const record = ({ type, observed, response }: Outcome) => events.push([type, observed, response.status]);

/** One line each 5 ms. */
function lines(count: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      if (count-- === 0) return controller.close();
      await pause(5);
      controller.enqueue(new TextEncoder().encode("line\n"));
    },
  });
}

const app = new H3();
app.get("/string", () => new ResponseThen("Hello, world", record));
app.get("/headers", (event) => {
  event.res.headers.set("x-by", "h3");
  return new ResponseThen("Hello, world", record);
});
app.get("/told-headers", (event) => {
  event.res.headers.set("x-by", "h3");
  return new ResponseThen("Hello, world", ({ response }) => void events.push(response.headers.get("x-by")));
});
app.get("/endless", () => new ResponseThen(lines(Number.POSITIVE_INFINITY), record));
app.get("/slow", (event) => {
  const callback = async (outcome: Outcome) => {
    await pause(300);
    record(outcome);
  };
  return new ResponseThen("Hello, world", callback, { waitUntil: event });
});
app.get("/disposed", (event) => {
  onDispose(event, (reason) => void events.push(["disposed", reason === undefined]));
  return "Hello, world";
});

const options = { port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false };
const server = serve(app, { ...options, middleware: [responseThen()] });
const alone = serve(app, options);
let at: (path: string) => URL;
let atAlone: (path: string) => URL;
beforeAll(async () => {
  await Promise.all([server.ready(), alone.ready()]);
  at = (path) => new URL(path, server.url);
  atAlone = (path) => new URL(path, alone.url);
});
afterAll(async () => {
  await server.close(true);
  await alone.close(true);
});

// h3 makes a response of srvx's class for them, whose headers are gone when Node has them.
test("headers that h3 merges in later reach the client, and are not in the outcome", async () => {
  const { headers, readAll } = await send(at("/told-headers"));
  await readAll();
  await (await send(atAlone("/told-headers"))).readAll();
  await vi.waitUntil(() => events.length === 2, { timeout: 10_000, interval: 10 });
  expect([headers["x-by"], events]).toEqual(["h3", [null, null]]);
});

test("the middleware of srvx tells h3's responses when they are flushed", async () => {
  const { status, readAll } = await send(at("/string"));
  expect([status, String(await readAll())]).toEqual([200, "Hello, world"]);
  await vi.waitUntil(() => events.length > 0, { timeout: 15_000 });
  expect(events).toEqual([["completed", "flushed", 200]]);
});

test("a response that h3 makes again for its headers keeps its callback", async () => {
  const { headers, readAll } = await send(at("/headers"));
  expect([headers["x-by"], String(await readAll())]).toEqual(["h3", "Hello, world"]);
  await vi.waitUntil(() => events.length > 0, { timeout: 15_000 });
  expect(events).toEqual([["completed", "flushed", 200]]);
});

test("a client that leaves cancels", async () => {
  const exchange = await send(at("/endless"));
  await exchange.readAtLeast(20);
  exchange.socket.resetAndDestroy();
  await vi.waitUntil(() => events.length > 0, { timeout: 15_000 });
  expect(events).toEqual([["canceled", "flushed", 200]]);
});

test("without the middleware the body tells, and onDispose says only that h3 is done", async () => {
  await (await send(atAlone("/string"))).readAll();
  // On a busy machine the next request is answered before its callback runs.
  await vi.waitUntil(() => events.length > 0, { timeout: 15_000 });
  await (await send(atAlone("/disposed"))).readAll();
  await vi.waitUntil(() => events.length > 1, { timeout: 15_000 });
  expect(events).toEqual([
    ["completed", "pulled", 200],
    ["disposed", true],
  ]);
});

test("with the event as waitUntil, close() waits for the callback", async () => {
  const closing = serve(app, options);
  await closing.ready();
  await (await send(new URL("/slow", closing.url))).readAll();
  await closing.close();
  expect(events).toEqual([["completed", "pulled", 200]]);
});
