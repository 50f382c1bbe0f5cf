// A callback that blocks the event loop for seconds holds up whoever comes next, and nobody's answer is hurt.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "../client.ts";
import { PIECE } from "./routes.ts";
import { onWorkers, processes, type RunningServer } from "./servers.ts";

const patience = { timeout: 15_000, interval: 10 };
const STREAMS = 20;

describe.concurrent.each(processes)("on $name", (server) => {
  let running: RunningServer;
  beforeAll(async () => {
    running = await server.start();
  });
  afterAll(() => running?.close());

  test("a callback that blocks holds up others, and hurts nobody", { timeout: 60_000 }, async () => {
    await block("alone", 200_000, 300);
    await block("wrapped", 10, 1_200);
  });

  /** Has a callback block for some time, after an answer of some bytes. */
  async function block(way: "alone" | "wrapped", bytes: number, ms: number): Promise<void> {
    const { control, folder } = running;
    const get = (path: string) => send(control.url(`${way}/${path}`));
    const ids = Array.from({ length: STREAMS }, (_, index) => `${way}-${index}`);
    const streams = await Promise.all(ids.map((id) => get(`waiting/${id}?word=${way}`)));
    await Promise.all(streams.map((stream) => stream.readAtLeast(PIECE)));

    const blocker = `${way}-blocks`;
    const blocking = await get(`blocks/${blocker}?bytes=${bytes}`);
    // Nobody has told the callback to end: the client gets its last byte before that all the same.
    expect((await blocking.readAll()).byteLength).toBe(bytes);
    await vi.waitUntil(() => existsSync(join(folder, `${blocker}.begun`)), patience);
    let answered = false;
    const next = get(`text/${way}-next`).then(async ({ readAll }) => {
      answered = true;
      return String(await readAll());
    });
    streams[0]?.socket.resetAndDestroy();
    await pause(ms);
    expect(answered).toBe(false);
    writeFileSync(join(folder, `${blocker}.enough`), "");

    expect(await next).toBe("text");
    await control.say(way);
    const bodies = await Promise.all(streams.slice(1).map(({ readAll }) => readAll()));
    expect(bodies.filter(({ byteLength }) => byteLength !== PIECE)).toEqual([]);
    const all = [...ids, blocker, `${way}-next`];
    const each = way === "alone" ? 1 : 2;
    const ended = async () => {
      const told = await control.told(way);
      return all.every((id) => (told.get(id)?.length ?? 0) > each);
    };
    await vi.waitUntil(ended, patience);
    await pause(50);

    const words = (type: string) => ["own", "adapter"].slice(0, each).map((name) => `${name} ${type}`);
    const expected = new Map(all.map((id) => [id, ["came", ...words("completed")]]));
    expected.set(ids[0] as string, ["came", ...words("canceled")]);
    expected.set(blocker, ["came", "own completed", "unblocked", ...words("completed").slice(1)]);
    expect(await control.told(way)).toEqual(expected);
    // Those of the others ran after it.
    const order = (await control.entries(way)).map(([id, what]) => `${id} ${what}`);
    const unblocked = order.indexOf(`${blocker} unblocked`);
    const ends = order.map((entry, at) => (/ (completed|canceled)$/.test(entry) ? at : -1)).filter((at) => at >= 0);
    expect(ends.filter((at) => at < unblocked)).toEqual([order.indexOf(`${blocker} own completed`)]);
    expect(running.complaints()).toBe("");
  }
});

// A Worker has no files to be told by that it may end.
describe.each(onWorkers)("on $name", (server) => {
  test("a callback that works for long holds up others, and hurts nobody", { timeout: 60_000 }, async () => {
    const { control, close, complaints } = await server.start();
    const ids = Array.from({ length: STREAMS }, (_, index) => `stream-${index}`);
    const streams = await Promise.all(ids.map((id) => send(control.url(`wrapped/waiting/${id}?word=end`))));
    await Promise.all(streams.map((stream) => stream.readAtLeast(PIECE)));
    const start = performance.now();
    expect(String(await (await send(control.url("wrapped/works/works"))).readAll())).toBe("text");
    const answered = performance.now() - start;
    // On the way to the client the work would be part of the first and not of the second.
    await control.say("end");
    expect(performance.now() - start - answered).toBeGreaterThan(answered);
    const bodies = await Promise.all(streams.map(({ readAll }) => readAll()));
    expect(bodies.filter(({ byteLength }) => byteLength !== PIECE)).toEqual([]);
    const told = async () => [...(await control.told())].map(([id, words]) => `${id}: ${words}`).sort();
    const expected = ids.map((id) => `${id}: came,own completed,adapter completed`);
    expected.push("works: came,own completed,unblocked,adapter completed");
    await vi.waitUntil(async () => `${await told()}` === `${expected.sort()}`, patience).catch(() => {});
    expect(await told()).toEqual(expected.sort());
    expect(complaints()).toBe("");
    await close();
  });
});
