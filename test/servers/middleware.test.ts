// The middleware on real servers: every response is logged once by each of two loggers, in the right words, whether they
// stand alone, under an adapter, around a Hono app, or in one; and its headers are changed.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Exchange, send } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import type { Told } from "./middleware/app.ts";
import { type Server, servers } from "./middleware/servers.ts";

// Nearly all of the time is waiting.
vi.setConfig({ maxConcurrency: 20 });

const WAYS = ["alone", "wrapped", "around-hono", "in-hono"] as const;
type Way = (typeof WAYS)[number];

/** Under the adapter for Node its server tells the end. */
function observed({ runtime }: Server, way: Way, otherwise: string): string {
  return runtime === "node" && way === "wrapped" ? "flushed" : otherwise;
}

let requests = 0;

async function readAll(exchange: Exchange): Promise<void> {
  await exchange.readAll();
}

describe.concurrent.each(servers.map((server) => [server.name, server] as const))("%s", (_name, server) => {
  let running: Running;
  beforeAll(async () => {
    running = await server.start();
  });
  afterAll(async () => {
    const complaints = running.complaints();
    await running.close();
    // No callback of these tests fails; and of their handlers and sources the runtimes speak in words of their own.
    expect(complaints.replace(/^Uncaught exception: .*: (handler|source) failed$/gm, "")).not.toMatch(
      /response-then:|unhandled|uncaught/i,
    );
  });

  const get = (path: string, method = "GET") => send(new URL(path, `http://127.0.0.1:${running.port}`), { method });

  /** What was told of a request, once there are `count` lines; and a little later, for a line too many. */
  async function toldOf(id: string, count: number): Promise<Told[]> {
    const all = async () => {
      const told = JSON.parse(String(await (await get("/told")).readAll())) as Told[];
      return told.filter(({ line }) => line.includes(`id=${id}`));
    };
    await vi.waitUntil(async () => (await all()).length >= count, { timeout: 10_000, interval: 30 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    return all();
  }

  describe.concurrent.each(WAYS)("%s", (way) => {
    interface Line {
      readonly status: number;
      readonly type: string;
      readonly bytes: number;
      readonly observed: string;
      readonly duration: number;
      readonly firstByte?: number;
      readonly remote?: string;
    }

    /** Sends a request, ends it by `act`, and expects one line of each logger, and `more` before. */
    async function expectLines(
      route: string,
      expected: Partial<Line>,
      { method = "GET", act = readAll, more = 0 } = {},
    ): Promise<Line> {
      const id = `n${++requests}.`;
      const path = `/${way}/${route}?id=${id}`;
      await act(await get(path, method));
      const told = await toldOf(id, 2 + more);
      expect(told.slice(0, more)).toEqual(Array(more).fill({ name: "own", line: `?id=${id} completed` }));
      const lines = told.slice(more);
      expect(lines.map(({ name }) => name).sort()).toEqual(["inner", "outer"]);
      const lineOf = (wanted: string) => lines.find(({ name }) => name === wanted)?.line as string;
      const outer: Line = JSON.parse(lineOf("outer"));
      expect(outer).toMatchObject({ method, path, status: 200, type: "completed", ...expected });
      const { status, bytes, type, observed } = outer;
      const times = `T ms${bytes > 0 ? ", first byte T ms" : ""}`;
      const line = `${method} ${path} ${status} ${bytes} bytes ${times}, ${type} (${observed})`;
      // In Hono the middleware is given the request alone, which on srvx is enough; workerd's own sockets set no header.
      const unknown = (way === "in-hono" && !server.name.startsWith("srvx")) || server.runtime === "workerd";
      expect(outer.remote).toBe(unknown ? undefined : "127.0.0.1");
      expect(lineOf("inner").replace(/\d+(\.\d)? ms/g, "T ms")).toBe(line);
      return outer;
    }

    test("a text", async () => {
      await expectLines("plain", { bytes: 12, observed: observed(server, way, "pulled") });
    });

    test("a stream: its true duration, and its first byte long before", async () => {
      const line = await expectLines("stream", { bytes: 5_000, observed: observed(server, way, "pulled") });
      // 6 pauses of 20 ms, of which timers may take a little off.
      expect(line.duration).toBeGreaterThan(100);
      expect(line.firstByte).toBeGreaterThan(15);
      expect(line.firstByte).toBeLessThan(line.duration - 50);
    });

    // Before 1.20261015.1 workerd cancels no JavaScript stream, and only the adapter sees it.
    test.skipIf(!server.cancels && (way === "alone" || way === "around-hono"))("a client that leaves", async () => {
      const leave = async (exchange: Exchange) => {
        await exchange.readAtLeast(2_000);
        exchange.socket.resetAndDestroy();
      };
      const expected = { type: "canceled", observed: observed(server, way, "pulled") };
      const line = await expectLines("endless", expected, { act: leave });
      expect(line.bytes).toBeGreaterThanOrEqual(2_000);
    });

    test("a source that fails", async () => {
      const expected = { type: "errored", bytes: 1_000, observed: observed(server, way, "pulled") };
      await expectLines("fails", expected, { act: (exchange) => readAll(exchange).catch(() => {}) });
    });

    test("a handler that throws", async () => {
      // Hono answers by itself.
      const expected = way.endsWith("hono")
        ? { type: "completed", bytes: 13, observed: "pulled" }
        : { type: "errored", bytes: 0, observed: "handed-over" };
      await expectLines("throws", { status: 500, ...expected });
    });

    test("HEAD", async () => {
      const expected = { bytes: 0, observed: observed(server, way, "handed-over") };
      await expectLines("stream", expected, { method: "HEAD" });
      await expectLines("plain", expected, { method: "HEAD" });
    });

    test("no body", async () => {
      await expectLines("nothing", { status: 204, bytes: 0, observed: observed(server, way, "handed-over") });
      await expectLines("redirect", { status: 303, bytes: 0, observed: observed(server, way, "handed-over") });
    });

    test("a ResponseThen, whose own callback runs too, once and before", async () => {
      // Nobody watches a fixed body that an adapter takes as it is.
      const fixed = way === "wrapped" || (way === "in-hono" && server.runtime === "workerd");
      const expected = observed(server, way, fixed ? "handed-over" : "pulled");
      await expectLines("own", { bytes: 12, observed: expected }, { more: 1 });
    });

    test("headers are added, changed and deleted, also of what fetch() gave and of redirects", async () => {
      for (const [route, status, body] of [
        ["plain", 200, "Hello, world"],
        ["fetched", 203, "from afar"],
        ["redirect", 303, ""],
      ] as const) {
        const exchange = await get(`/${way}/${route}?id=headers`);
        expect(String(await exchange.readAll())).toBe(body);
        const { "x-old": old, "x-new": added, "x-gone": gone } = exchange.headers;
        expect([exchange.status, old, added, gone]).toEqual([status, "2", "3", undefined]);
      }
    });
  });
});
