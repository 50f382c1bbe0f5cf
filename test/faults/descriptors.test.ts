// A server that runs out of file descriptors: what cannot be opened is told as an error, once, and afterwards all is well.
import { once } from "node:events";
import { Agent, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { CONNECTIONS, idsOf, LIMIT, openConnections, pathOf, wrongOf } from "./descriptors.ts";
import { look, type Seen } from "./look.ts";
import { bun, onNode, onWorkers, processes, type RunningServer, type Server, srvx } from "./servers.ts";

const patience = { timeout: 15_000, interval: 20 };
const TIMEOUT = 60_000;

let running: RunningServer | undefined;
let agent: Agent;
afterEach(async () => {
  agent?.destroy();
  await running?.close();
  running = undefined;
});

async function start(server: Server, conditions: Parameters<Server["start"]>[0]): Promise<RunningServer> {
  agent = new Agent({ keepAlive: true });
  running = await server.start(conditions);
  // So that the control has its connection.
  await running.control.entries("none");
  return running;
}

/**
 * Asks for more until all of it is whole: descriptors come back a moment after the responses that had them. `check` sees
 * what came meanwhile.
 */
async function recovers(
  ask: (first: number) => Promise<Map<string, Seen>>,
  check: (seen: Map<string, Seen>) => Promise<void> = async () => {},
): Promise<void> {
  let seen = new Map<string, Seen>();
  for (let first = 200; first < 2_000; first += 100) {
    seen = await ask(first);
    await check(seen);
    if ([...seen.values()].every((how) => how === "whole")) return;
    await pause(200);
  }
  expect(new Set(seen.values())).toEqual(new Set(["whole"]));
}

describe.each(processes)("on $name", (server) => {
  test("files that cannot be opened any more end their responses as errored, and then it recovers", {
    timeout: TIMEOUT,
  }, async () => {
    const running = await start(server, { descriptors: LIMIT });
    const { control } = running;
    await openConnections(running, agent);
    const ids = idsOf(CONNECTIONS);
    const looking = ids.map(async (id) => [id, await look(running, pathOf(id), 1_000, agent)] as const);
    const tried = async () => {
      const told = await control.told();
      return ids.every((id) => told.get(id)?.some((what) => what === "opened" || what.endsWith("EMFILE")));
    };
    await vi.waitUntil(tried, patience);
    await control.say("read");
    const seen = new Map(await Promise.all(looking));
    expect(await wrongOf(running, seen)).toEqual([]);
    const failed = ids.filter((id) => seen.get(id) !== "whole");
    expect([failed.length > 0, failed.length < CONNECTIONS]).toEqual([true, true]);
    expect(failed.some((id) => id.startsWith("wrapped"))).toBe(true);

    const ask = async (first: number) => {
      const again = idsOf(30, first).map(async (id) => [id, await look(running, pathOf(id), 1_000, agent)] as const);
      return new Map(await Promise.all(again));
    };
    await recovers(ask, async (seen) => expect(await wrongOf(running, seen)).toEqual([]));
  });
});

// Deno itself ends when it has no descriptor for a connection: "Uncaught (in promise) Http: Error: Too many open files".
describe.each([...onNode, srvx, bun])("on $name", (server) => {
  test("connections that it has no descriptor for take nothing from the others", { timeout: TIMEOUT }, async () => {
    const running = await start(server, { descriptors: LIMIT });
    const { control } = running;
    const ids = idsOf(150);
    const looking = ids.map(async (id) => [id, await look(running, pathOf(id), 1_000)] as const);
    // Until nothing happens any more: it has opened all that it can.
    let last = -1;
    const still = async () => {
      const { length } = await control.entries();
      const same = length === last;
      last = length;
      return same && length > 0;
    };
    await vi.waitUntil(still, { timeout: 15_000, interval: 300 });
    await control.say("read");
    const seen = new Map(await Promise.all(looking));
    const told = await control.told();
    const came = new Map([...seen].filter(([id]) => told.has(id)));
    expect([...seen].filter(([id, how]) => how !== "none" && !came.has(id))).toEqual([]);
    expect(came.size).toBeGreaterThan(30);
    const answered = new Map([...came].filter(([, how]) => how !== "none"));
    expect(await wrongOf(running, answered)).toEqual([]);
    // Of those that came and got nothing each callback ran once too.
    const lost = ids.filter((id) => came.has(id) && !answered.has(id)).map((id) => told.get(id) ?? []);
    const doubled = lost.filter((words) => new Set(words.map((word) => word.split(" ")[0])).size !== words.length);
    expect(doubled).toEqual([]);

    await recovers(async (first) => {
      const again = idsOf(30, first).map(async (id) => [id, await look(running, pathOf(id), 1_000)] as const);
      return new Map(await Promise.all(again));
    });
  });
});

// A Worker has no files; its connections to others take descriptors.
describe.each(onWorkers)("on $name", (server) => {
  // The newest takes two for each connection.
  const descriptors = server.name === "workerd" ? LIMIT : LIMIT + CONNECTIONS;
  test("what cannot be fetched any more is told as the handler's error, and then it recovers", {
    timeout: TIMEOUT,
  }, async () => {
    let answer = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const upstream = createServer({ keepAliveTimeout: 0 }, (_request, response) => {
      response.flushHeaders();
      mayAnswer.then(() => response.end("fetched"));
    });
    await once(upstream.listen(0, "127.0.0.1"), "listening");
    const { port } = upstream.address() as AddressInfo;
    const running = await start(server, { descriptors, upstream: `http://127.0.0.1:${port}/` });
    await openConnections(running, agent);

    const fetched = (count: number, first = 0) =>
      idsOf(count, first).map((id) => id.replace(/-(file|opens)-/, "-fetched-"));
    const ids = fetched(CONNECTIONS);
    const ended: string[] = [];
    const looking = ids.map(async (id) => {
      const seen = await look(running, pathOf(id), 7, agent);
      ended.push(id);
      return [id, seen] as const;
    });
    await vi.waitUntil(() => ended.length > 0, patience);
    answer();
    const seen = new Map(await Promise.all(looking));
    expect(new Set(seen.values())).toEqual(new Set(["whole", "failed"]));
    const expected = (id: string, how: Seen) => {
      const words = how === "whole" ? ["came", "own completed", "adapter completed"] : ["came", "adapter errored"];
      return words.filter((word) => id.startsWith("wrapped") || !word.startsWith("adapter")).join();
    };
    expect(await wrongOf(running, seen, expected)).toEqual([]);
    const ask = async (first: number) => {
      const again = fetched(20, first).map(async (id) => [id, await look(running, pathOf(id), 7, agent)] as const);
      return new Map(await Promise.all(again));
    };
    await recovers(ask, async (seen) => expect(await wrongOf(running, seen, expected)).toEqual([]));
    upstream.close();
  });
});
