// A client that left is canceled, also when its leaving made the source fail, or the handler
// throw. It was told as errored, and the logger wrote 500.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import type { Event } from "./outcomes/app.ts";
import { starts, Visit } from "./outcomes/hosts.ts";

const ways = ["alone", "wrapped", "told", "hono", "logged"] as const;
const thrown = ["told", "hono", "logged"] as const;
type Way = (typeof ways)[number];

/**
 * What a runtime does not tell; docs/concepts.md says so. Bun does not show the stream of a plain response that was fetched,
 * so it is handed over; on Deno only `request.signal` tells that the client left, which is not asked; workerd stops a handler
 * whose client has left, unless an adapter with a callback keeps it.
 */
const LIMITS: Readonly<Record<string, Readonly<Record<string, readonly Way[]>>>> = {
  Bun: {
    "proxy-with-signal": thrown,
    proxy: thrown,
    cut: thrown,
  },
  Deno: { echo: ways, upload: thrown, throws: thrown },
  workerd: {
    "fails-by-signal": ["hono", "logged"],
    echo: ["hono", "logged"],
    upload: ["hono", "logged"],
    throws: thrown,
  },
};
const told = (visit: Visit, way: Way): Promise<Event> => visit.told(way === "logged" ? "line" : "told");

describe.each(starts)("%s", (name, start) => {
  let running: Running;
  /** Gives a piece each 5 ms, for ever; `?fails` after the fifth. */
  let upstream: Server;
  let from = "";
  beforeAll(async () => {
    upstream = createServer({ keepAliveTimeout: 0 }, (request, response) => {
      let pieces = 0;
      const timer = setInterval(() => {
        if (request.url === "/?fails" && pieces++ === 5) response.destroy();
        else response.write(Buffer.alloc(1_000));
      }, 5);
      response.on("close", () => clearInterval(timer));
    }).listen(0, "127.0.0.1");
    await once(upstream, "listening");
    from = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
    running = await start();
  });
  afterAll(async () => {
    await running?.close();
    upstream?.closeAllConnections();
    upstream?.close();
  });

  const isLimit = (route: string, way: Way) => LIMITS[name]?.[route]?.includes(way) === true;
  const query = (search = "") => `&from=${encodeURIComponent(`${from}${search}`)}`;

  /** Reads as much, and leaves by a reset. */
  async function leave(visit: Visit, path: string, search = ""): Promise<void> {
    const { readAtLeast, message, socket } = await visit.send(path, query(search));
    message.on("error", () => {});
    await readAtLeast(3_000);
    socket.resetAndDestroy();
  }

  /** Sends a part of what it has announced, and leaves by a reset once the handler has it. */
  async function leaveUpload(visit: Visit, path: string, heard: () => Promise<unknown>): Promise<void> {
    const { port, pathname, search } = visit.url(path, query());
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(`POST ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n`);
    socket.write(Buffer.alloc(5_000, "x"));
    await heard();
    await pause(50);
    socket.resetAndDestroy();
  }

  describe("canceled, where the client's leaving made it fail:", () => {
    for (const route of ["proxy-with-signal", "proxy", "fails-by-signal"]) {
      test.concurrent.for(ways.filter((way) => !isLimit(route, way)))(`${route}, %s`, async (way) => {
        const visit = new Visit(running);
        await leave(visit, `/${way}/${route}`);
        expect(await told(visit, way)).toMatchObject({ type: "canceled", status: 200 });
      });
    }

    test.concurrent.for(ways.filter((way) => !isLimit("echo", way)))(
      "an upload that is passed back, %s",
      async (way) => {
        const visit = new Visit(running);
        await leaveUpload(visit, `/${way}/echo`, () => pause(200));
        expect((await told(visit, way)).type).toBe("canceled");
      },
    );

    // Alone nobody is told of a handler that throws.
    test.concurrent.for(thrown.filter((way) => !isLimit("upload", way)))(
      "an upload whose handler throws, %s",
      async (way) => {
        const visit = new Visit(running);
        await leaveUpload(visit, `/${way}/upload`, () => visit.until("waits"));
        expect((await told(visit, way)).type).toBe("canceled");
      },
    );

    test.concurrent.for(thrown.filter((way) => !isLimit("throws", way)))(
      "a handler that throws by the signal, %s",
      async (way) => {
        const visit = new Visit(running);
        const { port, pathname, search } = visit.url(`/${way}/throws-by-signal`);
        const socket = connect(Number(port), "127.0.0.1");
        socket.on("error", () => {});
        socket.write(`GET ${pathname}${search} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        await visit.until("waits");
        socket.resetAndDestroy();
        expect((await told(visit, way)).type).toBe("canceled");
      },
    );
  });

  test
    .skipIf(isLimit("upload", "logged"))
    .concurrent("the logger writes 499 where the client left before an answer", async () => {
      const visit = new Visit(running);
      await leaveUpload(visit, "/logged/upload", () => visit.until("waits"));
      expect(await told(visit, "logged")).toMatchObject({ type: "canceled", status: 499 });
    });

  test.concurrent.for(["alone", "wrapped"] as const)(
    "the reason is the client's leaving, its cause what the source failed with, %s",
    async (way) => {
      const visit = new Visit(running);
      await leave(visit, `/${way}/fails-by-signal`);
      const { type, reason, cause } = await told(visit, way);
      expect({ type, reason }).toEqual({ type: "canceled", reason: "AbortError" });
      // Where the source had failed by then. (On workerd its cancel comes first, and so it may where Node tells the end.)
      const first = name.startsWith("workerd") || (name.startsWith("Node") && way === "wrapped");
      if (!first) expect(cause).toBe("Error: query was aborted");
    },
  );

  describe("errored, where the client is there:", () => {
    test.concurrent.for(ways)("a source that fails, %s", async (way) => {
      const visit = new Visit(running);
      const { readAll } = await visit.send(`/${way}/fails-while-there`);
      await readAll().catch(() => {});
      expect((await told(visit, way)).type).toBe("errored");
    });

    test.concurrent.for(ways.filter((way) => !isLimit("cut", way)))(
      "a proxy whose upstream is cut, %s",
      async (way) => {
        const visit = new Visit(running);
        const { readAll } = await visit.send(`/${way}/proxy-with-signal`, query("?fails"));
        await readAll().catch(() => {});
        expect((await told(visit, way)).type).toBe("errored");
      },
    );

    test.concurrent.for(["told", "hono", "logged"] as const)("a handler that throws, %s", async (way) => {
      const visit = new Visit(running);
      const { readAll } = await visit.send(`/${way}/throws`);
      await readAll().catch(() => {});
      expect(await told(visit, way)).toMatchObject(
        way === "hono" ? { type: "completed", status: 500 } : { type: "errored", status: 500 },
      );
    });
  });
});
