import { Agent } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Exchange, send } from "./client.ts";
import type { Event } from "./hosts/app.ts";
import type { Host, Running } from "./hosts/host.ts";

/** A sentence that a host cannot keep, and why. */
export type Gaps = Readonly<Record<string, string>>;

const TOTAL = 512 * 65_536;

/** The head but for the time, and the framing: a watched body is a stream (docs/design.md). */
function headOf({ headers }: Exchange): object {
  const { date, "content-length": length, "transfer-encoding": encoding, ...head } = headers;
  return head;
}

/**
 * The contract, sentence by sentence, against a real server of `host`.
 *
 * @param way How the responses are made: `alone` by the class in the handler, `hono` in an app with the middleware, and
 * so on; it is the first part of the path.
 */
export function contract(host: Host, way: string, gaps: Gaps = {}): void {
  describe(`${host.name}, ${way}`, () => {
    let server: Running;
    let requests = 0;
    // Under an adapter Node tells when the last byte is flushed.
    const flushed = host.name === "node" && way !== "alone";
    const [body, empty] = flushed ? (["flushed", "flushed"] as const) : (["pulled", "handed-over"] as const);
    // A short fixed body goes out as that of a plain response where the adapter hears of it from the server.
    const handed = (host.name === "deno" && way === "hono") || way === "wrapped";
    const text = handed ? "handed-over" : body;

    beforeAll(async () => {
      server = await host.start();
    });
    afterAll(() => server.close());

    const sentence = (text: string, run: () => Promise<void>) => {
      const reason = gaps[text];
      if (reason === undefined) test(text, run);
      else test.skip(`${text} [${reason}]`, run);
    };

    const nextId = () => `${way}-${++requests}`;
    const url = (route: string, id: string) => new URL(`http://127.0.0.1:${server.port}/${way}/${route}?id=${id}`);
    const ask = async (route: string, id: string) => JSON.parse(String(await (await send(url(route, id))).readAll()));

    /** The events of a request, once its callback has run; then a little later, so that a second run would show. */
    async function eventsOf(id: string): Promise<Event[]> {
      for (let tries = 0; tries < 500; tries++) {
        const events = (await ask("events", id)) as Event[];
        if (events.some(({ at }) => at === "callback")) {
          await pause(50);
          return ask("events", id);
        }
        await pause(20);
      }
      throw new Error(`the callback did not run: ${JSON.stringify(await ask("events", id))}\n${server.complaints()}`);
    }

    sentence("a body read to its end completes, with its bytes and status", async () => {
      const id = nextId();
      const { status, readAll } = await send(url("stream", id));
      expect([status, (await readAll()).byteLength]).toEqual([200, 5_000]);
      expect(await eventsOf(id)).toEqual([
        { at: "callback", type: "completed", observed: body, bytes: 5_000, status: 200 },
      ]);
    });

    sentence("a socket reset in the middle of the body cancels, and the source is canceled once", async () => {
      const id = nextId();
      const exchange = await send(url("endless", id));
      await exchange.readAtLeast(3_000);
      exchange.socket.resetAndDestroy();
      const events = await eventsOf(id);
      expect(events.map(({ at }) => at).sort()).toEqual(["callback", "source"]);
      expect(events.find(({ at }) => at === "callback")).toMatchObject({
        type: "canceled",
        observed: body,
        phase: "mid-body",
      });
    });

    sentence("a source that fails ends as errored, with its error", async () => {
      const id = nextId();
      const exchange = await send(url("fails", id));
      await exchange.readAll().catch(() => {});
      expect(await eventsOf(id)).toEqual([
        {
          at: "callback",
          type: "errored",
          observed: body,
          bytes: 2_000,
          status: 200,
          phase: "mid-body",
          error: "source failed",
        },
      ]);
    });

    sentence("a body that fails does not end cleanly on the wire", async () => {
      const exchange = await send(url("fails", nextId()));
      const end = await exchange.readAll().then(
        () => "clean",
        () => "cut",
      );
      expect(end).toBe("cut");
    });

    sentence("the head is the plain response's", async () => {
      for (const kind of ["string", "stream"]) {
        const [watched, plain] = [await send(url(kind, nextId())), await send(url(`plain-${kind}`, nextId()))];
        await Promise.all([watched.readAll(), plain.readAll()]);
        expect([watched.status, headOf(watched)]).toEqual([plain.status, headOf(plain)]);
      }
    });

    sentence("a slow reader holds the source back, and the callback too", async () => {
      const id = nextId();
      const exchange = await send(url("big", id));
      const first = await exchange.readAtLeast(65_536);
      await pause(700);
      expect(await ask("pulled", id)).toBeLessThan(TOTAL);
      expect(await ask("events", id)).toEqual([]);
      expect(first + (await exchange.readAll()).byteLength).toBe(TOTAL);
      expect(await eventsOf(id)).toEqual([
        { at: "callback", type: "completed", observed: body, bytes: TOTAL, status: 200 },
      ]);
    });

    sentence("HEAD ends, whatever the server does with the body", async () => {
      const id = nextId();
      const exchange = await send(url("string", id), { method: "HEAD" });
      expect(exchange.status).toBe(200);
      expect((await exchange.readAll()).byteLength).toBe(0);
      const events = await eventsOf(id);
      expect(events).toMatchObject([{ at: "callback", status: 200 }]);
      // Alone, the class sees what the server does: Node, Deno and workerd read the body, Bun cancels it.
      const alone = host.name === "bun" ? { type: "canceled" } : { type: "completed", observed: "pulled", bytes: 12 };
      const unread = { type: "completed", observed: empty, bytes: 0 };
      expect(events).toMatchObject([way === "alone" ? alone : unread]);
    });

    sentence("204 ends", async () => {
      const id = nextId();
      const exchange = await send(url("nothing", id));
      expect(exchange.status).toBe(204);
      await exchange.readAll();
      expect(await eventsOf(id)).toEqual([
        { at: "callback", type: "completed", observed: empty, bytes: 0, status: 204 },
      ]);
    });

    sentence("a redirect ends", async () => {
      const id = nextId();
      const exchange = await send(url("redirect", id));
      expect([exchange.status, exchange.headers.location]).toEqual([303, new URL("/elsewhere", url("", "")).href]);
      await exchange.readAll();
      expect(await eventsOf(id)).toEqual([
        { at: "callback", type: "completed", observed: empty, bytes: 0, status: 303 },
      ]);
    });

    sentence(
      "a callback that throws is reported once and reaches neither the client nor the next callback",
      async () => {
        const id = nextId();
        const exchange = await send(url("throws", id));
        expect(String(await exchange.readAll())).toBe("Hello, world");
        expect(await eventsOf(id)).toMatchObject([
          { at: "onError", message: "callback failed" },
          { at: "callback", type: "completed" },
        ]);
      },
    );

    sentence("a callback that blocks begins after the client has its last byte", async () => {
      for (const [route, length] of [
        ["blocks", 100_000],
        ["blocks-small", 10],
      ] as const) {
        const id = nextId();
        const start = performance.now();
        const exchange = await send(url(route, id));
        expect((await exchange.readAll()).byteLength).toBe(length);
        const answered = performance.now() - start;
        await eventsOf(id);
        const blocked = performance.now() - start - answered;
        // Run on the way to the client, the block would be part of the first and not of the second.
        expect(blocked).toBeGreaterThan(answered);
      }
    });

    sentence("two responses on one connection end once each, in turn", async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ids = [nextId(), nextId()];
      const exchanges: Exchange[] = [];
      for (const id of ids) {
        const exchange = await send(url("string", id), { agent });
        expect(String(await exchange.readAll())).toBe("Hello, world");
        exchanges.push(exchange);
      }
      expect(exchanges[0]?.socket.localPort).toBe(exchanges[1]?.socket.localPort);
      agent.destroy();
      for (const id of ids) {
        expect(await eventsOf(id)).toEqual([
          { at: "callback", type: "completed", observed: text, bytes: 12, status: 200 },
        ]);
      }
    });
  });
}
