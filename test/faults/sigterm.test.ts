// SIGTERM while new connections keep coming, each with a request of another kind: what came has its callbacks, once.
// (test/servers/shutdown.test.ts has those that were open before.)
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { send } from "../client.ts";
import { type RunningServer, servers, startServer } from "../servers/shutdown/server.ts";

const CLIENTS = 30;
const LIMITS = { stop: 30_000, drain: 30_000 };

let running: RunningServer | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});

const kinds = ["quick", "stream", "quick", "leaves"] as const;

/** What the clients saw: of each request, by its id. */
type Seen = Map<string, "whole" | "left" | "cut" | "none">;

/** Asks for a stream, and resets the connection before anything has come. */
async function leave({ port, hostname }: URL, path: string): Promise<"left"> {
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.on("error", () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await pause(20);
  socket.resetAndDestroy();
  return "left";
}

async function read(url: URL): Promise<"whole" | "cut"> {
  const { readAll } = await send(url);
  return readAll().then(
    () => "whole",
    () => "cut",
  );
}

/** Asks again and again, each time on a connection of its own, until the server refuses. */
async function askUntilRefused(url: URL, client: number, seen: Seen): Promise<void> {
  for (let asked = 0; ; asked++) {
    const kind = kinds[(client + asked) % kinds.length] as (typeof kinds)[number];
    const id = `${kind}-${client}-${asked}`;
    const path = `/${kind === "quick" ? "quick" : "stream"}/slow/${id}`;
    try {
      seen.set(id, kind === "leaves" ? await leave(url, path) : await read(new URL(path, url)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") return;
      seen.set(id, "none");
    }
    await pause(1);
  }
}

describe.each(servers)("$name", (server) => {
  test("loses and doubles no callback", { timeout: 60_000 }, async () => {
    running = await startServer(server, LIMITS);
    const { url, terminate, letEnd, exit, records, printed } = running;
    // Each takes 60 ms.
    letEnd("streams");
    const seen: Seen = new Map();
    const clients = Array.from({ length: CLIENTS }, (_, client) => askUntilRefused(url, client, seen));
    await pause(500);
    const before = seen.size;
    await terminate();
    await Promise.all(clients);
    expect([...(await exit), ...printed.slice(1)]).toEqual([0, null, "stopping", "pending 0"]);

    const told = records();
    const twice = [...told].filter(([, { came, called, finished }]) =>
      [came, called, finished].some(({ length }) => length !== 1),
    );
    expect(twice).toEqual([]);
    const got = (how: string) => [...seen].filter(([, each]) => each === how).map(([id]) => id);
    const calledOf = (ids: readonly string[]) => new Set(ids.map((id) => told.get(id)?.called[0]));
    expect(calledOf(got("whole"))).toEqual(new Set(["completed"]));
    expect(got("cut")).toEqual([]);
    // Whoever got nothing was not heard.
    expect(got("none").filter((id) => told.has(id))).toEqual([]);
    expect(calledOf(got("left")).has("canceled")).toBe(true);
    expect([before > CLIENTS, got("whole").length > CLIENTS]).toEqual([true, true]);
  });
});
