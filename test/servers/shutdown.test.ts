// SIGTERM, on every server: it accepts nobody any more, what is open ends, and no callback is lost.
import { once } from "node:events";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { type Exchange, send } from "../client.ts";
import { LARGE } from "./shutdown/large.ts";
import { type Load, startLoad } from "./shutdown/load.ts";
import type { Records } from "./shutdown/records.ts";
import {
  closedServers,
  gracefulServer,
  type Limits,
  type RunningServer,
  type Server,
  servers,
  startServer,
} from "./shutdown/server.ts";

const PATIENT: Limits = { stop: 60_000, drain: 60_000 };
const TIMEOUT = 40_000;

const agent = new Agent({ keepAlive: true });
let running: RunningServer | undefined;
let load: Load | undefined;
afterEach(async () => {
  load?.stop();
  await running?.close();
  running = load = undefined;
});

async function start(server: Server, limits: Limits): Promise<RunningServer> {
  running = await startServer(server, limits);
  return running;
}

/** Opens streams, by default every other one on a connection that is kept alive, and waits for the first line of each. */
async function openStreams(
  { url }: RunningServer,
  callback: string,
  ids: readonly string[],
  agents: readonly (Agent | undefined)[] = [agent, undefined],
): Promise<Exchange[]> {
  const streams: Exchange[] = [];
  while (streams.length < ids.length) {
    // No more at once than a server has room for before it accepts them.
    const some = ids.slice(streams.length, streams.length + 50);
    const open = async (id: string, index: number) => {
      const agent = agents[index % agents.length];
      const stream = await send(new URL(`/stream/${callback}/${id}`, url), agent ? { agent } : {});
      await stream.readAtLeast(1);
      return stream;
    };
    streams.push(...(await Promise.all(some.map(open))));
  }
  return streams;
}

const idsOf = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

/** The responses whose records are not as expected. */
function others(
  records: Records,
  ids: readonly string[],
  called: string[],
  finished: string[],
  aborted: string[] = [],
) {
  const expected = { came: ["-"], called, finished, aborted };
  return ids
    .map((id) => [id, records.get(id)] as const)
    .filter(([, entry]) => JSON.stringify(entry) !== JSON.stringify(expected));
}

/** Connects, and asks nothing. */
async function connectSilently({ url }: RunningServer): Promise<Socket> {
  const socket = connect(Number(url.port), url.hostname);
  await once(socket, "connect");
  // The server may reset it.
  return socket.on("error", () => {});
}

async function refuses({ url }: RunningServer): Promise<boolean> {
  const socket = connect(Number(url.port), url.hostname);
  try {
    await once(socket, "connect");
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
  } finally {
    socket.destroy();
  }
}

describe.each(servers)("$name", (server) => {
  test("accepts nobody any more, lets what is open end, and runs every callback once", {
    timeout: TIMEOUT,
  }, async () => {
    const running = await start(server, PATIENT);
    const { url } = running;
    load = startLoad(url, 24);
    const streamIds = idsOf("stream", 200);
    const streams = await openStreams(running, "slow", streamIds);
    const lateIds = idsOf("late", 10);
    const late = Promise.allSettled(
      lateIds.map(async (id) => (await (await send(new URL(`/late/slow/${id}`, url))).readAll()).toString()),
    );
    // Written at once, and read when everything else has ended.
    const large = await send(new URL("/large/slow/large", url));
    const begun = await large.readAtLeast(1);
    // As browsers and load balancers have them: one that never asks, one that asks no more.
    const silent = await connectSilently(running);
    const idle = await send(new URL("/quick/slow/idle", url), { agent: new Agent({ keepAlive: true }) });
    await idle.readAll();
    await vi.waitUntil(() => lateIds.every((id) => running.records().has(id)), { timeout: 15_000 });
    const { length: before } = load.answered;

    await running.terminate();
    await vi.waitUntil(() => refuses(running), { timeout: 15_000 });
    await load.refused;
    expect(streams.filter(({ message }) => message.readableEnded || message.destroyed)).toEqual([]);
    running.letEnd("streams");

    const bodies = await Promise.all(streams.map(async ({ readAll }) => (await readAll()).toString()));
    expect(bodies.filter((body) => !body.endsWith("end\n"))).toEqual([]);
    expect(begun + (await large.readAll()).byteLength).toBe(LARGE);
    // When nothing else is in flight.
    const settled = () => [...running.records()].every(([id, { finished }]) => finished.length || lateIds.includes(id));
    await vi.waitUntil(settled, { timeout: 15_000 });
    running.letEnd("handlers");
    expect(await late).toEqual(lateIds.map(() => ({ status: "fulfilled", value: "late" })));
    expect([...(await running.exit), ...running.printed.slice(1)]).toEqual([0, null, "stopping", "pending 0"]);
    expect(running.complaints()).toBe("");
    for (const socket of [silent, idle.socket]) socket.destroy();

    const records = running.records();
    const answered = [...streamIds, ...lateIds, "large", "idle", ...load.answered];
    expect(others(records, answered, ["completed"], ["completed"])).toEqual([]);
    // A quick request whose connection was closed under it may have come, and then its client left.
    const left = [...records.keys()].filter((id) => !answered.includes(id));
    const canceled = left.filter((id) => records.get(id)?.called[0] === "canceled");
    const completed = left.filter((id) => !canceled.includes(id));
    expect(others(records, canceled, ["canceled"], ["canceled"])).toEqual([]);
    expect(others(records, completed, ["completed"], ["completed"])).toEqual([]);
    expect([before > 24, left.length <= 24]).toEqual([true, true]);
  });

  test("tells a client that leaves meanwhile from those that stay", { timeout: TIMEOUT }, async () => {
    const running = await start(server, PATIENT);
    const [leaves = "", ...stay] = idsOf("stream", 20);
    const [leaving, ...staying] = await openStreams(running, "slow", [leaves, ...stay]);
    await running.terminate();
    leaving?.socket.resetAndDestroy();
    await vi.waitUntil(() => running.records().get(leaves)?.called.length, { timeout: 15_000 });
    running.letEnd("streams");
    const bodies = await Promise.all(staying.map(async ({ readAll }) => (await readAll()).toString()));
    expect(bodies.filter((body) => !body.endsWith("end\n"))).toEqual([]);
    expect([...(await running.exit), ...running.printed.slice(1)]).toEqual([0, null, "stopping", "pending 0"]);
    const records = running.records();
    expect(others(records, [leaves], ["canceled"], ["canceled"])).toEqual([]);
    expect(others(records, stay, ["completed"], ["completed"])).toEqual([]);
  });

  test("aborts the callbacks that take too long, and says how many", { timeout: TIMEOUT }, async () => {
    const running = await start(server, { stop: 60_000, drain: 300 });
    const early = idsOf("early", 5);
    for (const id of early) await (await send(new URL(`/quick/slow/${id}`, running.url))).readAll();
    await vi.waitUntil(() => early.every((id) => running.records().get(id)?.finished.length), { timeout: 15_000 });
    const ids = idsOf("stream", 50);
    const streams = await openStreams(running, "endless", ids);
    await running.terminate();
    running.letEnd("streams");
    await Promise.all(streams.map(({ readAll }) => readAll()));
    expect([...(await running.exit), ...running.printed.slice(1)]).toEqual([1, null, "stopping", "pending 50"]);
    const records = running.records();
    expect(others(records, early, ["completed"], ["completed"])).toEqual([]);
    const why = "A_callback_took_longer_than_the_drain_of_300_ms;_see_response-then/docs/errors.md";
    expect(others(records, ids, ["completed"], [], [why])).toEqual([]);
    expect(records.size).toBe(55);
    expect(running.complaints().match(/a callback failed/g)).toHaveLength(50);
  });

  test("counts a response that does not end", { timeout: TIMEOUT }, async () => {
    const running = await start(server, { stop: 0, drain: 0 });
    const [stream] = await openStreams(running, "slow", ["open"]);
    await running.terminate();
    await expect(stream?.readAll()).rejects.toThrow();
    expect([...(await running.exit), ...running.printed.slice(1)]).toEqual([1, null, "stopping", "pending 1"]);
    expect(others(running.records(), ["open"], [], [])).toEqual([]);
  });
});

// Why examples/node/stop.ts is not server.close().
describe.each(closedServers)("server.close() of $name", (server) => {
  test("cuts an answer that is written but not sent yet, and its callback hears of it", {
    timeout: TIMEOUT,
  }, async () => {
    const running = await start(server, PATIENT);
    const large = await send(new URL("/large/slow/large", running.url));
    await large.readAtLeast(1);
    await running.terminate();
    await expect(large.readAll()).rejects.toThrow("aborted");
    expect([...(await running.exit), ...running.printed.slice(1)]).toEqual([0, null, "stopping", "pending 0"]);
    expect(others(running.records(), ["large"], ["canceled"], ["canceled"])).toEqual([]);
  });

  test("goes on to answer on connections that are kept alive", { timeout: TIMEOUT }, async () => {
    const running = await start(server, PATIENT);
    const [stream] = await openStreams(running, "slow", ["stream"], [agent]);
    await running.terminate();
    running.letEnd("streams");
    await stream?.readAll();
    const next = await send(new URL("/quick/slow/next", running.url), { agent });
    expect([next.headers.connection, (await next.readAll()).toString()]).toEqual(["keep-alive", "quick"]);
    expect(next.socket).toBe(stream?.socket);
  });

  const waits = server.name !== "node-26";
  test(`${waits ? "waits" : "does not wait"} for a connection that never asks`, { timeout: TIMEOUT }, async () => {
    const running = await start(server, PATIENT);
    const silent = await connectSilently(running);
    // Accepted in the order in which they came.
    await (await send(new URL("/quick/slow/quick", running.url))).readAll();
    await running.terminate();
    if (waits) {
      // Longer than the callback takes: what does not wait ends meanwhile.
      await pause(1_000);
      expect(running.printed.slice(1)).toEqual(["stopping"]);
      silent.destroy();
    }
    expect([...(await running.exit), ...running.printed.slice(1)]).toEqual([0, null, "stopping", "pending 0"]);
    silent.destroy();
  });
});

// Why examples/srvx sets gracefulShutdown: false.
test("srvx's own handler of SIGTERM cuts what is open when its time is over", { timeout: TIMEOUT }, async () => {
  const running = await start(gracefulServer, PATIENT);
  const [stream] = await openStreams(running, "slow", ["stream"]);
  await running.terminate();
  await expect(stream?.readAll()).rejects.toThrow("aborted");
  await running.exit;
  expect(others(running.records(), ["stream"], ["canceled"], ["canceled"])).toEqual([]);
});
