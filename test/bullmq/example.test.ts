// examples/bullmq: two processes on a real Redis, and the worker is killed in the middle of its work.
import process from "node:process";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "../client.ts";
import { type RunningProcess, startProcess } from "../servers/shutdown/process.ts";
import { onRedis, type RunningRedis, redisServer, startRedis } from "./redis.ts";

const ANSWERS = 40;

describe.skipIf(redisServer === undefined)(onRedis("examples/bullmq"), () => {
  const cwd = new URL("../../examples/bullmq/", import.meta.url);
  const processes: RunningProcess[] = [];
  let redis: RunningRedis;
  let ledger: Redis;
  let server: RunningProcess;
  let origin: string;

  const start = (script: string) => {
    const env = { PORT: "0", REDIS_URL: `redis://127.0.0.1:${redis.port}`, LOCK_DURATION: "1000" };
    const started = startProcess([process.execPath, script], env, cwd);
    processes.push(started);
    return started;
  };

  beforeAll(async () => {
    redis = await startRedis();
    ledger = new Redis({ port: redis.port });
    server = start("server.ts");
    const [, port] = await server.line(/http:\/\/localhost:(\d+)/);
    origin = `http://localhost:${port}`;
  });
  afterAll(async () => {
    ledger?.disconnect();
    await Promise.all(processes.map((each) => each.close()));
    await redis?.close();
  });

  const ask = async (path: string) => send(new URL(origin + path));
  const entered = async () => (await ledger.hvals("ledger")).map((entry) => JSON.parse(entry) as { path: string });
  const enteredOf = (prefix: string) => entered().then((bills) => bills.filter(({ path }) => path.startsWith(prefix)));
  const paths = (prefix: string) => Array.from({ length: ANSWERS }, (_, index) => `${prefix}${index}`);

  test("a worker that is killed in the middle loses no job, and the next one enters each bill once", {
    timeout: 60_000,
  }, async () => {
    const first = start("worker.ts");
    await first.line(/^ready$/);
    await Promise.all(paths("/?killed=").map(async (path) => (await ask(path)).readAll()));
    // Some are entered, some are under way, and most wait.
    await first.line(/^entered/);
    await first.close();
    const begun = first.printed.filter((line) => line.startsWith("begun")).length;
    const done = first.printed.filter((line) => line.startsWith("entered")).length;
    expect(done).toBeLessThan(begun);
    expect((await enteredOf("/?killed=")).length).toBeLessThan(ANSWERS);

    const second = start("worker.ts");
    await vi.waitUntil(async () => (await enteredOf("/?killed=")).length >= ANSWERS, { timeout: 40_000, interval: 50 });
    const bills = (await enteredOf("/?killed=")).sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
    expect(bills).toEqual(paths("/?killed=").map((path) => ({ path, bytes: 6, whole: true })));
    // What the first was in the middle of, the second began again.
    const doneByFirst = first.printed.filter((line) => line.startsWith("entered")).join("\n");
    const interrupted = first.printed.filter((line) => line.startsWith("begun")).map((line) => line.split(" ")[1]);
    for (const path of interrupted) {
      const again = () => second.printed.includes(`begun ${path}`);
      if (!doneByFirst.includes(` ${path},`)) await vi.waitUntil(again, { timeout: 20_000, interval: 50 });
    }
    second.terminate();
    expect(await second.exit).toEqual([0, null]);
    expect([first.complaints(), second.complaints()]).toEqual(["", ""]);
  });

  test("a server that is told to stop hands the bill of what is open on, and exits with 0", {
    timeout: 60_000,
  }, async () => {
    const leaving = await ask("/stream?leaving");
    await leaving.readAtLeast(7);
    leaving.socket.resetAndDestroy();
    const staying = await ask("/stream?staying");
    const begun = await staying.readAtLeast(7);
    server.terminate();
    expect(begun + (await staying.readAll()).length).toBe(151);
    expect(await server.exit).toEqual([0, null]);
    expect(server.complaints()).toBe("");

    const worker = start("worker.ts");
    await vi.waitUntil(async () => (await enteredOf("/stream")).length >= 2, { timeout: 20_000, interval: 50 });
    const bills = (await enteredOf("/stream")) as { path: string; bytes: number; whole: boolean }[];
    expect(bills.sort((a, b) => a.path.localeCompare(b.path))).toEqual([
      { path: "/stream?leaving", bytes: expect.any(Number), whole: false },
      { path: "/stream?staying", bytes: 151, whole: true },
    ]);
    expect(worker.complaints()).toBe("");
  });
});
