// The endings that are Workers' own, on real workerds, by real sockets: each is told exactly once, and waited for though
// the callback takes 5 s. What every host has is in the contract. Twenty at the same time, for some take their time.
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchOnce } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

/** What a client does once it has asked for `route` (`asked` waits until the Worker has the request), and what the callback is told: alone, and wrapped. */
interface Scenario {
  readonly text: string;
  readonly route: string;
  readonly act: (socket: Socket, asked: () => Promise<void>) => Promise<void>;
  /** `alone` may be left out where there is only a wrapped one. */
  readonly told: { readonly alone?: string; readonly wrapped: string };
}

const readToEnd = async (socket: Socket) => {
  socket.resume();
  await Promise.race([once(socket, "close"), pause(20_000)]);
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
const beforeTheAnswer = async (socket: Socket, asked: () => Promise<void>) => {
  await asked();
  reset(socket);
};

/** As a browser does: it ends its side, and answers what comes with a reset. */
const closeBeforeTheAnswer = async (socket: Socket, asked: () => Promise<void>) => {
  await asked();
  socket.destroy();
};

/** Reads the lines of the route `<count>-seconds`, and expects all of them, in the order in which they were written. */
const readSeconds = (count: number) => async (socket: Socket) => {
  let text = "";
  socket.on("data", (data) => {
    text += data;
  });
  await once(socket, "close");
  const seconds = [...text.matchAll(/second (\d+)/g)].map(([, second]) => Number(second));
  expect(seconds).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(text.endsWith("\r\n0\r\n\r\n"), "ends as a whole body").toBe(true);
};
const leaveAfter = (ms: number) => async (socket: Socket) => {
  socket.resume();
  await pause(ms);
  reset(socket);
};

const both = (told: string) => ({ alone: told, wrapped: told });
const MID_BODY = both("canceled 200 mid-body");

const scenarios: Scenario[] = [
  { text: "reset while a JavaScript source is idle", route: "idle", act: afterFirstBytes(reset), told: MID_BODY },
  {
    text: "half-close, then reset, while a JavaScript source is idle that ends then",
    route: "idle-ends",
    act: afterFirstBytes(halfCloseThenReset),
    told: MID_BODY,
  },
  { text: "reset while a `fetch()` body is idle", route: "idle-native", act: afterFirstBytes(reset), told: MID_BODY },
  {
    text: "a `fetch()` body with a length that breaks off",
    route: "breaks",
    act: readToEnd,
    told: both("errored 200 mid-body"),
  },
  {
    text: "a stream of 32 s, read to its end",
    route: "32-seconds",
    act: readSeconds(32),
    told: both("completed 200 pulled"),
  },
  { text: "reset after 31 s of a stream", route: "40-seconds", act: leaveAfter(31_000), told: MID_BODY },
  {
    text: "reset before a built stream is returned",
    route: "unsent",
    act: beforeTheAnswer,
    told: both("canceled 200 before-body"),
  },
  {
    text: "reset before a built response of 300 kB is returned",
    route: "unsent-large",
    act: beforeTheAnswer,
    told: both("canceled 200 before-body"),
  },
  {
    text: "closed, and not reset, before a built stream is returned",
    route: "unsent",
    act: closeBeforeTheAnswer,
    told: both("canceled 200 before-body; or canceled 200 mid-body"),
  },
  {
    text: "closed, and not reset, before the handler answers with a string; the callback of `withResponseThen`",
    route: "told",
    act: closeBeforeTheAnswer,
    told: { wrapped: "completed 200 handed-over" },
  },
  { text: "101 with a WebSocket", route: "socket", act: echo, told: both("completed 101 handed-over") },
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

/** The Workers of all four columns, started one after another: miniflare reads of the environment which workerd to take. */
const workers = new Map<string, Running>();
let upstream: Server;

beforeAll(async () => {
  // Workers keeps its connections, and one that is closed while it is used again fails.
  upstream = createServer({ keepAliveTimeout: 0 }, ({ url, socket }, response) => {
    if (url === "/breaks") response.setHeader("content-length", 5_000);
    response.write("x".repeat(2_000));
    if (url === "/breaks") return void setTimeout(() => socket.resetAndDestroy(), 500);
    setTimeout(() => response.write("x"), 8_000);
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const { port } = upstream.address() as { port: number };
  for (const name of [OLD, NEW]) {
    for (const flag of ["with", "without"]) {
      const worker = await startWorker(new URL("./worker.ts", import.meta.url), {
        ...(name === NEW && { binary: newestWorkerd }),
        flags: [flag === "with" ? "enable_request_signal" : "disable_request_signal"],
        bindings: { UPSTREAM: `http://127.0.0.1:${port}/` },
      });
      workers.set(`${name}, ${flag}`, worker);
    }
  }
});
afterAll(async () => {
  await Promise.all([...workers.values()].map((worker) => worker.close()));
  upstream.closeAllConnections();
  upstream.close();
});

let requests = 0;

describe.concurrent.each([OLD, NEW])("%s", (name) => {
  describe.concurrent.each(["with", "without"])("%s enable_request_signal", (flag) => {
    for (const way of ["alone", "wrapped"] as const) {
      for (const { text, route, act, told } of scenarios) {
        if (told[way] === undefined) continue;
        // Nothing tells it there but a write that fails.
        const late = name === OLD && (way === "alone" || flag === "without") && route.startsWith("idle");
        const expected = `${told[way]}${late ? ", with the next piece" : ""}`;
        test(`${way}: ${text}: ${expected}`, { timeout: 90_000 }, async ({ expect }) => {
          const { port } = workers.get(`${name}, ${flag}`) as Running;
          const id = String(++requests);
          const socket = connect(port, "127.0.0.1");
          socket.on("error", () => {});
          const headers = route === "socket" ? upgradeHeaders(id) : "Connection: close\r\n";
          socket.write(`GET /${way}/${route}?id=${id} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
          await act(socket, async () => {
            while ((await see(port, id)) === null) await pause(50);
          });
          const [seen, ...rest] = (await waitForSeen(port, id)) ?? ["lost"];
          expect(expected.split("; or ")).toContain(seen);
          expect(rest).toEqual(["done"]);
        });
      }
    }
  });
});

function upgradeHeaders(id: string): string {
  const key = createHash("md5").update(id).digest("base64");
  return `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
}

/** What the callback saw until now; `null` before the Worker has the request. */
async function see(port: number, id: string): Promise<string[] | null> {
  return (await fetchOnce(`http://127.0.0.1:${port}/seen?id=${id}`)).json() as Promise<string[] | null>;
}

/** What the callback saw, once it is done; then a little later, so that a second run would show. */
async function waitForSeen(port: number, id: string): Promise<string[] | null> {
  const begun = performance.now();
  while ((await see(port, id))?.at(-1) !== "done" && performance.now() - begun < 45_000) await pause(400);
  await pause(400);
  return see(port, id);
}
