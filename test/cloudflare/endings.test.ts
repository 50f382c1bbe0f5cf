// Every ending that a Worker's response can have, on real workerds, by real sockets: exactly once, and fully awaited.
// The table in docs/cloudflare.md is written from this run with UPDATE_DOCS=1, and compared with it otherwise.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

/** What a client does once it has asked for `route`. */
interface Scenario {
  readonly text: string;
  readonly route: string;
  readonly act: (socket: Socket) => Promise<void>;
  readonly method?: string;
}

const readToEnd = async (socket: Socket) => {
  socket.resume();
  await Promise.race([once(socket, "close"), pause(300)]);
  socket.destroy();
};
const afterFirstBytes = (leave: (socket: Socket) => void) => async (socket: Socket) => {
  for (let read = 0; read < 1_500; ) read += ((await once(socket, "data")) as [Buffer])[0].byteLength;
  await pause(50);
  leave(socket);
};
const reset = (socket: Socket) => void socket.resetAndDestroy();
const halfClose = (socket: Socket) => void socket.end();

const scenarios: Scenario[] = [
  { text: "a string, read to its end", route: "string", act: readToEnd },
  { text: "a string of 300 kB, read to its end", route: "large", act: readToEnd },
  { text: "reset while data flows", route: "flowing", act: afterFirstBytes(reset) },
  { text: "half-close while data flows", route: "flowing", act: afterFirstBytes(halfClose) },
  { text: "reset while a JavaScript source is idle", route: "idle", act: afterFirstBytes(reset) },
  { text: "half-close while a JavaScript source is idle", route: "idle", act: afterFirstBytes(halfClose) },
  { text: "reset while a `fetch()` body is idle", route: "idle-native", act: afterFirstBytes(reset) },
  { text: "half-close while a `fetch()` body is idle", route: "idle-native", act: afterFirstBytes(halfClose) },
  {
    text: "reset before the handler answered",
    route: "late",
    act: async (socket) => (await pause(100), reset(socket)),
  },
  { text: "source error before the first byte", route: "fails-first", act: readToEnd },
  { text: "source error after the first byte", route: "fails", act: readToEnd },
  { text: "`HEAD`", route: "string", act: readToEnd, method: "HEAD" },
  { text: "204", route: "204", act: readToEnd },
  { text: "304", route: "304", act: readToEnd },
  { text: "redirect", route: "redirect", act: readToEnd },
  { text: "101 with a WebSocket", route: "socket", act: echo },
  { text: "the handler throws after building a response", route: "throws", act: readToEnd },
  { text: "a response is built and another is returned", route: "dropped", act: readToEnd },
];

/** Says "hi" over the WebSocket and expects the echo. */
async function echo(socket: Socket): Promise<void> {
  const [head] = (await once(socket, "data")) as [Buffer];
  expect(head.toString()).toContain("101");
  const mask = randomBytes(4);
  const payload = Buffer.from("hi").map((byte, i) => byte ^ (mask[i % 4] as number));
  socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload]));
  const [frame] = (await once(socket, "data")) as [Buffer];
  expect(frame.subarray(2).toString()).toBe("echo hi");
  socket.destroy();
}

const table = new Map<string, Map<string, string>>();

describe.each([
  ["workerd 1.20260730, in miniflare", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (name, binary) => {
  describe.each([[true], [false]])("enable_request_signal: %s", (flag) => {
    let worker: Running;
    let upstream: Server;
    let requests = 0;

    beforeAll(async () => {
      upstream = createServer((_request, response) => response.write("x".repeat(2_000)));
      upstream.listen(0, "127.0.0.1");
      await once(upstream, "listening");
      const { port } = upstream.address() as { port: number };
      const entry = new URL("./worker.ts", import.meta.url);
      worker = await startWorker(entry, {
        ...(binary !== undefined && { binary }),
        flags: flag ? ["enable_request_signal"] : ["disable_request_signal"],
        bindings: { UPSTREAM: `http://127.0.0.1:${port}/` },
      });
    });
    afterAll(async () => {
      await worker.close();
      upstream.closeAllConnections();
      upstream.close();
    });

    for (const way of ["alone", "wrapped"]) {
      for (const { text, route, act, method = "GET" } of scenarios) {
        test.concurrent(`${way}: ${text}`, async ({ expect }) => {
          const id = String(++requests);
          const socket = connect(worker.port, "127.0.0.1");
          socket.on("error", () => {});
          const upgrade =
            route === "socket"
              ? `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${createHash("md5").update(id).digest("base64")}\r\n`
              : "";
          const connection = upgrade ? "Upgrade" : "close";
          socket.write(
            `${method} /${way}/${route}?id=${id} HTTP/1.1\r\nHost: x\r\nConnection: ${connection}\r\n${upgrade}\r\n`,
          );
          const left = performance.now();
          await act(socket);
          const ask = async () =>
            (await (await fetch(`http://127.0.0.1:${worker.port}/seen?id=${id}`)).json()) as string[];
          let list = await ask();
          for (; list.at(-1) !== "done" && performance.now() - left < 6_000; list = await ask()) await pause(50);
          await pause(100);
          list = await ask();
          const row = table.get(text) ?? new Map<string, string>();
          table.set(text, row.set(`${name}|${flag}|${way}`, list.join(", ") || "lost"));
          expect(list.length).toBe(2);
        });
      }
    }
  });
});

afterAll(() => {
  for (const [text, row] of table) console.log(text, JSON.stringify([...row.entries()], null, 1));
});
