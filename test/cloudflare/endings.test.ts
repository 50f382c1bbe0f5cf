// Every ending that a Worker's response can have, on real workerds, by real sockets: exactly once, and waited for though
// the callback takes its time. The table in docs/cloudflare.md is written by this run with UPDATE_DOCS=1, and compared
// with it otherwise.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

/** What a client does once it has asked for `route`, and what the callback is told: alone, and wrapped. */
interface Scenario {
  readonly text: string;
  readonly route: string;
  readonly act: (socket: Socket) => Promise<void>;
  readonly method?: string;
  /** `alone` may be left out where there is only a wrapped one. */
  readonly told: { readonly alone?: string; readonly wrapped: string };
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
/** workerd goes on sending to a client that has only said that it sends no more. */
const halfCloseThenReset = (socket: Socket) => {
  socket.end();
  setTimeout(() => socket.resetAndDestroy(), 200);
};
const beforeTheAnswer = async (socket: Socket) => {
  await pause(100);
  reset(socket);
};

/** What happens after the response began to go out, so that only a cancel or a failed write can tell. */
const MID_BODY_TEXT = /^(reset|half-close, then reset,) while/;

const both = (told: string) => ({ alone: told, wrapped: told });
const MID_BODY = both("canceled 200 mid-body");

const scenarios: Scenario[] = [
  {
    text: "a string, read to its end",
    route: "string",
    act: readToEnd,
    told: { alone: "completed 200 pulled", wrapped: "completed 200 handed-over" },
  },
  { text: "a string of 300 kB, read to its end", route: "large", act: readToEnd, told: both("completed 200 pulled") },
  { text: "reset while data flows", route: "flowing", act: afterFirstBytes(reset), told: MID_BODY },
  {
    text: "half-close, then reset, while data flows",
    route: "flowing",
    act: afterFirstBytes(halfCloseThenReset),
    told: MID_BODY,
  },
  { text: "reset while a JavaScript source is idle", route: "idle", act: afterFirstBytes(reset), told: MID_BODY },
  {
    text: "half-close, then reset, while a JavaScript source is idle",
    route: "idle",
    act: afterFirstBytes(halfCloseThenReset),
    told: MID_BODY,
  },
  { text: "reset while a `fetch()` body is idle", route: "idle-native", act: afterFirstBytes(reset), told: MID_BODY },
  {
    text: "half-close, then reset, while a `fetch()` body is idle",
    route: "idle-native",
    act: afterFirstBytes(halfCloseThenReset),
    told: MID_BODY,
  },
  {
    text: "reset before a built response is returned",
    route: "unsent",
    act: beforeTheAnswer,
    told: both("canceled 200 before-body"),
  },
  {
    text: "reset before the handler answers; the callback of `withResponseThen`",
    route: "told",
    act: beforeTheAnswer,
    told: { wrapped: "canceled 200 before-body" },
  },
  {
    text: "source error before the first byte",
    route: "fails-first",
    act: readToEnd,
    told: both("errored 200 before-body"),
  },
  { text: "source error after the first byte", route: "fails", act: readToEnd, told: both("errored 200 mid-body") },
  {
    text: "`HEAD`",
    route: "string",
    act: readToEnd,
    method: "HEAD",
    told: { alone: "completed 200 pulled", wrapped: "completed 200 handed-over" },
  },
  { text: "204", route: "204", act: readToEnd, told: both("completed 204 handed-over") },
  { text: "304", route: "304", act: readToEnd, told: both("completed 304 handed-over") },
  { text: "redirect", route: "redirect", act: readToEnd, told: both("completed 302 handed-over") },
  { text: "101 with a WebSocket", route: "socket", act: echo, told: both("completed 101 handed-over") },
  {
    text: "the handler throws after building a response",
    route: "throws",
    act: readToEnd,
    told: { alone: "canceled 200 before-body", wrapped: "errored 200 before-body" },
  },
  {
    text: "a response is built and another is returned",
    route: "dropped",
    act: readToEnd,
    told: both("canceled 200 before-body"),
  },
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

const OLD = "workerd 1.20260730";
const NEW = "workerd 1.20261023";

/** By scenario, and then by `workerd, way, flag`: what the callback was told. */
const table = new Map<string, Map<string, string>>();

describe.each([
  [OLD, undefined],
  [NEW, newestWorkerd],
])("%s", (name, binary) => {
  describe.each([["with"], ["without"]])("%s enable_request_signal", (flag) => {
    let worker: Running;
    let upstream: Server;
    let requests = 0;

    beforeAll(async () => {
      upstream = createServer((_request, response) => response.write("x".repeat(2_000)));
      upstream.listen(0, "127.0.0.1");
      await once(upstream, "listening");
      const { port } = upstream.address() as { port: number };
      worker = await startWorker(new URL("./worker.ts", import.meta.url), {
        ...(binary !== undefined && { binary }),
        flags: [flag === "with" ? "enable_request_signal" : "disable_request_signal"],
        bindings: { UPSTREAM: `http://127.0.0.1:${port}/` },
      });
    });
    afterAll(async () => {
      await worker.close();
      upstream.closeAllConnections();
      upstream.close();
    });

    for (const way of ["alone", "wrapped"] as const) {
      for (const { text, route, act, method = "GET", told } of scenarios) {
        if (told[way] === undefined) continue;
        // A JavaScript stream is not canceled there when the client leaves: cloudflare/workerd#6832.
        const unseen = name === OLD && (way === "alone" || flag === "without") && MID_BODY_TEXT.test(text);
        const expected = unseen ? [] : [told[way], "done"];
        test.concurrent(`${way}: ${text}${unseen ? " may not be seen" : ""}`, { timeout: 60_000 }, async ({
          expect,
        }) => {
          const id = String(++requests);
          const socket = connect(worker.port, "127.0.0.1");
          socket.on("error", () => {});
          const headers = route === "socket" ? upgradeHeaders(id) : "Connection: close\r\n";
          socket.write(`${method} /${way}/${route}?id=${id} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
          await act(socket);
          const list = await waitForSeen(worker.port, id, unseen ? 3_000 : 40_000);
          const row = table.get(text) ?? new Map<string, string>();
          table.set(text, row.set(`${name}, ${way}, ${flag}`, unseen ? "not seen" : (list[0] ?? "lost")));
          // That workerd tells of some, by chance.
          expect([expected, [told[way], "done"]]).toContainEqual(list);
        });
      }
    }
  });
});

function upgradeHeaders(id: string): string {
  const key = createHash("md5").update(id).digest("base64");
  return `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
}

/** What the callback saw, once it is done; then a little later, so that a second run would show. */
async function waitForSeen(port: number, id: string, ms: number): Promise<string[]> {
  const ask = async () => (await (await fetch(`http://127.0.0.1:${port}/seen?id=${id}`)).json()) as string[];
  const begun = performance.now();
  while ((await ask()).at(-1) !== "done" && performance.now() - begun < ms) await pause(100);
  await pause(100);
  return ask();
}

test("the table in docs/cloudflare.md is this run's", () => {
  const columns = [NEW, OLD].flatMap((name) => ["alone", "wrapped"].map((way) => `${name}, ${way}`));
  const cell = (row: Map<string, string>, column: string) => {
    const [on, off] = ["with", "without"].map((flag) => row.get(`${column}, ${flag}`));
    if (on === undefined) return "";
    return on === off ? on : `${on}; without the flag ${off}`;
  };
  const rows = scenarios.map(({ text }) => {
    const row = table.get(text) ?? new Map<string, string>();
    return `| ${text} | ${columns.map((column) => cell(row, column)).join(" | ")} |`;
  });
  const markdown = [`| | ${columns.join(" | ")} |`, `|${"---|".repeat(columns.length + 1)}`, ...rows].join("\n");
  const file = new URL("../../docs/cloudflare.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const [before = "", rest = ""] = page.split("<!-- endings -->\n");
  const [, after = ""] = rest.split("\n<!-- /endings -->");
  const updated = `${before}<!-- endings -->\n${markdown}\n<!-- /endings -->${after}`;
  if (process.env.UPDATE_DOCS === "1") writeFileSync(file, updated);
  else expect(page).toBe(updated);
});
