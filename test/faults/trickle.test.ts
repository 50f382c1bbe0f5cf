// Clients that give or take a byte at a time: the server's own limits apply, and this library adds none.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "../client.ts";
import { requestOf, sendRaw } from "./raw.ts";
import { PIECE } from "./routes.ts";
import { bun, deno, onNode, type RunningServer, type Server, servers } from "./servers.ts";

const EVERY = 250;
/** The servers' own limit, in ms; a busy machine must not reach it by itself. */
const LIMIT = 2_000;
/** More than a socket and its client have room for. */
const LARGE = 512 * 65_536;
const ways = ["alone", "wrapped"];

/** Starts the server of a group of tests. */
function run(server: Server, conditions?: Parameters<Server["start"]>[0]): () => RunningServer {
  let running: RunningServer;
  beforeAll(async () => {
    running = await server.start(conditions);
  });
  afterAll(() => running?.close());
  return () => running;
}

/** Waits for the callbacks of a request; and then a little longer, so that a second run would show. */
async function ended({ control }: RunningServer, id: string, way: string, type: string): Promise<void> {
  const names = way === "wrapped" ? ["own", "adapter"] : ["own"];
  const told = async () => (await control.told(id)).get(id) ?? [];
  await vi
    .waitUntil(async () => (await told()).length > names.length, { timeout: 20_000, interval: 20 })
    .catch(() => {});
  await pause(50);
  expect(await told()).toEqual(["came", ...names.map((name) => `${name} ${type}`)]);
}

describe.concurrent.each(servers)("on $name", (server) => {
  const running = run(server);

  test("a request whose head comes byte by byte is answered once", async () => {
    const ask = async (way: string) => {
      const head = requestOf(`${way}/text/head-${way}`);
      const text = await sendRaw(running().port, [head.slice(0, -3), ...head.slice(-3)], EVERY);
      expect(text).toMatch(/^HTTP\/1.1 200 .*\r\n\r\n(text|4\r\ntext\r\n0\r\n\r\n)$/s);
      await ended(running(), `head-${way}`, way, "completed");
    };
    await Promise.all(ways.map(ask));
  });

  // On Deno 2.9 a request's body that comes so stalls in any stream of JavaScript around it, with and without us.
  test.for(server === deno ? ["repeat"] : ["echo", "repeat"])(
    "a request whose body comes byte by byte is answered whole, by %s",
    async (route) => {
      const ask = async (way: string) => {
        const id = `${route}-${way}`;
        const headers = { "content-length": "4" };
        const outgoing = request(running().control.url(`${way}/${route}/${id}`), {
          method: "POST",
          headers,
          agent: false,
        });
        const answered = once(outgoing, "response") as Promise<[IncomingMessage]>;
        for (const byte of "slow") {
          outgoing.write(byte);
          await pause(EVERY);
        }
        outgoing.end();
        const [message] = await answered;
        let text = "";
        for await (const chunk of message) text += chunk;
        expect([message.statusCode, text]).toEqual([200, "slow"]);
        await ended(running(), id, way, "completed");
      };
      await Promise.all(ways.map(ask));
    },
  );

  test("an answer that is read byte by byte is not ended before it is read", async () => {
    const ask = async (way: string) => {
      const id = `reads-${way}`;
      const { message } = await send(running().control.url(`${way}/large/${id}?bytes=${LARGE}`));
      let read = 0;
      while (read < 4) {
        if (message.read(1) === null) await once(message, "readable");
        else read++;
        await pause(EVERY);
      }
      expect((await running().control.told(id)).get(id)).toEqual(["came"]);
      for await (const chunk of message) read += (chunk as Buffer).byteLength;
      expect(read).toBe(LARGE);
      await ended(running(), id, way, "completed");
    };
    await Promise.all(ways.map(ask));
  });

  test("an answer that is silent for a while is not ended", async () => {
    const ask = async (way: string) => {
      const { readAll } = await send(running().control.url(`${way}/idle/idle-${way}?ms=1500`));
      expect((await readAll()).byteLength).toBe(2 * PIECE);
      await ended(running(), `idle-${way}`, way, "completed");
    };
    await Promise.all(ways.map(ask));
  });
});

// The others have no limit that can be set; what a server of Node says here it says in the words of node:http.
describe.concurrent.each([...onNode, bun])("on $name, with a limit of its own", (server) => {
  const running = run(server, { limit: LIMIT });

  // Bun waits for it for more than 10 s, whatever its limit.
  test.skipIf(server === bun)("a head that does not come in time reaches no handler, and no callback", async () => {
    const head = requestOf("wrapped/text/late");
    const answer = await sendRaw(running().port, [head.slice(0, -8), ...head.slice(-8)], LIMIT / 4);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(await running().control.entries("late")).toEqual([]);
  });

  test("an answer that is silent for too long is canceled, once", async () => {
    const ask = async (way: string) => {
      const exchange = await send(running().control.url(`${way}/waiting/silent-${way}?word=never`));
      await expect(exchange.readAll()).rejects.toThrow();
      await ended(running(), `silent-${way}`, way, "canceled");
    };
    await Promise.all(ways.map(ask));
  });
});
