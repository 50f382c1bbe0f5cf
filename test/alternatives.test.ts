// What docs/alternatives.md says of others, where it can be run here: on Node, by real sockets.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { H3, onDispose } from "h3";
import { toNodeHandler } from "h3/node";
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { type Exchange, send } from "./client.ts";

const events: unknown[] = [];
const servers: Server[] = [];
afterEach(() => void events.splice(0));
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

async function open(server: Server, path = "/"): Promise<Exchange> {
  servers.push(server);
  if (!server.listening) await once(server, "listening");
  const { port } = server.address() as { port: number };
  return send(new URL(`http://127.0.0.1:${port}${path}`));
}

const waitFor = (condition: () => unknown) => vi.waitUntil(condition, { timeout: 10_000, interval: 10 });

/** Pieces, one each 10 ms, and then the end, or a failure. */
function pieces(count: number, fails = false): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      await pause(10);
      if (count-- > 0) return controller.enqueue(new Uint8Array(1_000));
      events.push(fails ? "source fails" : "source ends");
      if (fails) controller.error(new Error("source failed"));
      else controller.close();
    },
    cancel: () => void events.push("source canceled"),
  });
}

async function readToTheEnd({ readAll }: Exchange): Promise<void> {
  await readAll().catch(() => {});
}

async function leave({ readAtLeast, socket }: Exchange): Promise<void> {
  await readAtLeast(1);
  socket.resetAndDestroy();
}

describe("a TransformStream's", () => {
  const answer = (body: ReadableStream<Uint8Array>) => {
    const transformer = { flush: () => void events.push("flush"), cancel: () => void events.push("cancel") };
    const piped = body.pipeThrough(new TransformStream(transformer as Transformer<Uint8Array, Uint8Array>));
    return open(
      serve({
        fetch: () => new Response(piped),
        port: 0,
        overrideGlobalObjects: false,
        hostname: "127.0.0.1",
      }) as Server,
    );
  };

  test("flush runs at the end of the source", async () => {
    await readToTheEnd(await answer(pieces(3)));
    expect(events).toEqual(["source ends", "flush"]);
  });

  test("flush does not run when the client leaves, but cancel does", async () => {
    await leave(await answer(pieces(Number.POSITIVE_INFINITY)));
    await waitFor(() => events.includes("source canceled"));
    expect(events.sort()).toEqual(["cancel", "source canceled"]);
  });

  test("flush does not run when the source fails, but cancel does", async () => {
    // The server prints the error.
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    await readToTheEnd(await answer(pieces(3, true)));
    await waitFor(() => events.length > 1 && printed.mock.calls.length > 0);
    printed.mockRestore();
    expect(events).toEqual(["source fails", "cancel"]);
  });
});

describe("h3's onDispose", () => {
  const app = new H3({ silent: true });
  const tell = (reason: unknown) => void events.push((reason as Error | undefined)?.message ?? "no reason");
  app.get("/string", (event) => {
    onDispose(event, tell);
    return "Hello";
  });
  app.get("/stream", (event) => {
    onDispose(event, tell);
    return pieces(Number.POSITIVE_INFINITY);
  });
  app.get("/fails", (event) => {
    onDispose(event, tell);
    return pieces(3, true);
  });
  const listen = () => createServer(toNodeHandler(app)).listen(0, "127.0.0.1");

  test("gives a reason for a client that left and for a source that failed, and none for an answer that was read", async () => {
    await readToTheEnd(await open(listen(), "/string"));
    await waitFor(() => events.includes("no reason"));
    await leave(await open(listen(), "/stream"));
    await waitFor(() => events.includes("Connection closed prematurely."));
    await readToTheEnd(await open(listen(), "/fails"));
    await waitFor(() => events.length === 5);
    expect(events.filter((event) => event === "no reason")).toHaveLength(1);
  });

  test("off Node, an event with a fixed body ends when h3 hands it over", async () => {
    const response = await app.fetch(new Request("http://localhost/string"));
    expect(events).toEqual(["no reason"]);
    expect(await response.text()).toBe("Hello");
  });
});

test("in Hono, what stands after next() runs before a stream has ended, and onAbort tells that the client left", async () => {
  const app = new Hono();
  app.use(async (_c, next) => {
    await next();
    events.push("after next");
  });
  app.get("/read", () => new Response(pieces(3)));
  app.get("/left", (c) =>
    stream(c, async (writer) => {
      writer.onAbort(() => void events.push("onAbort"));
      while (!writer.aborted) {
        await writer.write("piece");
        await pause(10);
      }
    }),
  );
  const server = serve({ fetch: app.fetch, port: 0, overrideGlobalObjects: false, hostname: "127.0.0.1" }) as Server;
  await readToTheEnd(await open(server, "/read"));
  expect(events.splice(0)).toEqual(["after next", "source ends"]);
  await leave(await open(server, "/left"));
  await waitFor(() => events.includes("onAbort"));
  expect(events).toEqual(["after next", "onAbort"]);
});
