// Hono on @hono/node-server, where Node itself tells how a response ended.
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "../client.ts";
import type { HonoEvent } from "../hosts/hono-app.ts";
import { type HonoOnNode, honoOnNodes } from "./hono-on-node.ts";

type Callback = Extract<HonoEvent, { type: string }>;

const LARGE = 20_000_000;

describe.each(honoOnNodes)("Hono on %s", (_name, start) => {
  let server: HonoOnNode;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    expect(server.complaints()).toBe("");
    await server.close();
  });

  const url = (path: string, id: string) =>
    new URL(`http://127.0.0.1:${server.port}${path}?id=${encodeURIComponent(id)}`);

  const eventsOf = async (id: string) =>
    JSON.parse(String(await (await send(url("/events", id))).readAll())) as HonoEvent[];

  /** What there is of a request, once that is enough; then a little later, so that one more would show. */
  async function settled(id: string, enough: (events: HonoEvent[]) => boolean): Promise<HonoEvent[]> {
    await vi.waitUntil(async () => enough(await eventsOf(id)), { timeout: 15_000, interval: 20 });
    await pause(100);
    return eventsOf(id);
  }

  /** What the callbacks were told, without the headers. */
  async function told(id: string, names: readonly Callback["at"][]): Promise<Omit<Callback, "headers">[]> {
    const callbacks = (events: HonoEvent[]) => events.filter((event) => "type" in event);
    const events = callbacks(await settled(id, (events) => callbacks(events).length >= names.length));
    expect(events.map(({ at }) => at)).toEqual(names);
    return events.map(({ headers: _, ...facts }) => facts);
  }

  /** Asks, and leaves when the handler is at work; the handler answers when Node has noticed that. */
  async function leaveBefore(path: string, id: string): Promise<void> {
    const socket = connect(server.port, "127.0.0.1");
    await once(socket, "connect");
    const { pathname, search } = url(path, id);
    socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await settled(id, (events) => events.some(({ at }) => at === "handler"));
    socket.resetAndDestroy();
  }

  test.each([
    ["own", ["own", "middleware", "onFinished"]],
    ["plain", ["middleware", "onFinished"]],
  ] as const)(
    "a client that resets in the middle of a long text (%s) is told as canceled, flushed",
    async (way, at) => {
      const id = `reset ${way}`;
      const exchange = await send(url(`/${way}/huge`, id));
      await exchange.readAtLeast(100_000);
      exchange.socket.resetAndDestroy();
      for (const { type, observed, phase, bytes } of await told(id, at)) {
        expect([type, observed, phase]).toEqual(["canceled", "flushed", "mid-body"]);
        // Those that Node was given, which is all of them.
        expect(bytes).toBe(LARGE);
      }
    },
  );

  test.each(["own", "plain"] as const)("a long text (%s) that is read to its end completes", async (way) => {
    const id = `read ${way}`;
    expect((await (await send(url(`/${way}/huge`, id))).readAll()).byteLength).toBe(LARGE);
    const names = ["own", "middleware", "onFinished"] as const;
    for (const facts of await told(id, way === "own" ? names : names.slice(1))) {
      expect(facts).toMatchObject({ type: "completed", observed: "flushed", bytes: LARGE, status: 200 });
    }
  });

  test.each([
    ["own", "text"],
    ["own", "stream"],
    ["plain", "text"],
    ["plain", "stream"],
  ] as const)("a client gone before the handler answers (%s %s) is canceled before the body", async (way, kind) => {
    const id = `late ${way} ${kind}`;
    await leaveBefore(`/${way}/late/${kind}`, id);
    const names = ["own", "middleware", "onFinished"] as const;
    for (const facts of await told(id, way === "own" ? names : names.slice(1))) {
      expect(facts).toMatchObject({ type: "canceled", observed: "handed-over", phase: "before-body", bytes: 0 });
    }
    const sources = (await eventsOf(id)).filter(({ at }) => at === "source");
    expect(sources).toEqual(kind === "stream" ? [{ at: "source", what: "canceled" }] : []);
  });

  test("logger() prints that line then, as canceled", async () => {
    const id = "late-line";
    await leaveBefore("/logged/late", id);
    const lines = (events: HonoEvent[]) => events.flatMap((event) => (event.at === "line" ? [event.line] : []));
    expect(lines(await settled(id, (events) => lines(events).length >= 2))).toEqual([
      `<-- GET /logged/late?id=${id}`,
      expect.stringMatching(new RegExp(`^--> GET /logged/late\\?id=${id} 201 \\d+m?s 0 bytes canceled$`)),
    ]);
  });
});
