import { Agent } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { type Exchange, send } from "../../client.ts";
import { onSockets, type Sentence } from "../sentence.ts";
import { callbacksIn, type Visit } from "../visit.ts";

/** A connection of one's own to the host, which has asked for a path. */
function ask({ running }: Visit, head: string) {
  const socket = connect(running.port as number, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(head);
  return socket;
}

export const onFinished: readonly Sentence[] = [
  {
    text: "a body read to its end completes, with its bytes and status",
    from: "jshttp/on-finished",
    async run(visit) {
      const { status, readAll } = await visit.send("stream");
      expect([status, (await readAll()).byteLength]).toEqual([200, 5_000]);
      expect(await visit.ended()).toEqual([
        { at: "callback", name: "own", type: "completed", observed: visit.sees.body, bytes: 5_000, status: 200 },
      ]);
    },
  },
  {
    text: "two responses on one connection end once each, in turn",
    from: "jshttp/on-finished",
    on: onSockets,
    async run(visit) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ids = [`${visit.id}.1`, `${visit.id}.2`];
      const exchanges: Exchange[] = [];
      for (const id of ids) {
        const url = new URL(`http://127.0.0.1:${visit.running.port}${visit.path("string", { id })}`);
        const exchange = await send(url, { agent });
        expect(String(await exchange.readAll())).toBe("Hello, world");
        exchanges.push(exchange);
      }
      expect(exchanges[0]?.socket.localPort).toBe(exchanges[1]?.socket.localPort);
      agent.destroy();
      for (const id of ids) {
        expect(await visit.ended(["own"], id)).toEqual([
          { at: "callback", name: "own", type: "completed", observed: visit.sees.short, bytes: 12, status: 200 },
        ]);
      }
    },
  },
  {
    text: "requests that are pipelined on one connection end once each",
    from: "jshttp/on-finished",
    on: onSockets,
    async run(visit) {
      const ids = ["1", "2", "3"].map((n) => `${visit.id}.${n}`);
      const last = ids.at(-1);
      const heads = ids.map(
        (id) =>
          `GET ${visit.path(id === last ? "nothing" : "string", { id })} HTTP/1.1\r\nHost: localhost\r\n` +
          `Connection: ${id === last ? "close" : "keep-alive"}\r\n\r\n`,
      );
      const answers = await text(ask(visit, heads.join("")));
      expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 204"]);
      for (const id of ids) expect(await visit.ended(["own"], id)).toMatchObject([{ type: "completed" }]);
    },
  },
  {
    text: "a client that breaks the protocol in the middle of the body cancels",
    from: "jshttp/on-finished",
    on: onSockets,
    async run(visit) {
      const head = `POST ${visit.path("endless")} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const socket = ask(visit, `${head}1\r\na\r\n`);
      try {
        await new Promise((resolve) => socket.once("data", resolve));
        socket.resume();
        socket.write("this is no chunk\r\n\r\n".repeat(10));
        expect(await visit.outcome()).toMatchObject({ type: "canceled", status: 200 });
      } finally {
        socket.destroy();
      }
    },
  },
  {
    text: "a client that leaves before anything was written: the callback runs, canceled before the body",
    from: "jshttp/on-finished, Django ASGI",
    async run(visit) {
      await visit.running.client.leaveUnanswered(visit.path("late"), () => visit.noted("waits"));
      // The host may have to hear of it.
      await new Promise((resolve) => setTimeout(resolve, 100));
      await visit.release();
      expect(await visit.outcome()).toMatchObject({ type: "canceled", status: 200 });
      const [callback] = callbacksIn(await visit.events());
      expect(callback?.bytes).toBeLessThanOrEqual(2_000);
    },
  },
];
