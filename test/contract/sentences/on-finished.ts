import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { send } from "../../client.ts";
import { onHttp1, type Sentence } from "../sentence.ts";
import { callbacksIn, type Visit } from "../visit.ts";

/** A connection of one's own to the host, which has asked for a path. */
export function ask({ running }: Visit, head: string): Socket {
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
    on: onHttp1,
    async run(visit) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ports: (number | undefined)[] = [];
      for (const [n, route] of ["string", "stream", "string"].entries()) {
        const id = `${visit.id}.${n}`;
        const url = new URL(`http://127.0.0.1:${visit.running.port}${visit.path(route, { id })}`);
        const exchange = await send(url, { agent });
        ports.push(exchange.socket.localPort);
        const bytes = (await exchange.readAll()).byteLength;
        const observed = route === "string" ? visit.sees.short : visit.sees.body;
        expect(await visit.ended(["own"], id)).toEqual([
          { at: "callback", name: "own", type: "completed", observed, bytes, status: 200 },
        ]);
      }
      expect(new Set(ports).size).toBe(1);
      agent.destroy();
    },
  },
  {
    text: "requests that are pipelined on one connection end once each",
    from: "jshttp/on-finished",
    on: onHttp1,
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
    on: onHttp1,
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
      await visit.leaveWaiting("late");
      expect(await visit.signaled()).toMatchObject({ type: "canceled", status: 200 });
      const [callback] = callbacksIn(await visit.events());
      expect(callback?.bytes).toBeLessThanOrEqual(2_000);
    },
  },
];
