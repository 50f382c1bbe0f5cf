// A dependency that never answers: each callback that waits for it is told by its signal when its time is over, and what it
// held is let go of.
import { Agent } from "node:http";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "../client.ts";
import { type RunningServer, servers } from "./servers.ts";

/** What one callback holds, in bytes. */
const HELD = 20_000;
/** A fifth of what they hold is no sign that they are held. */
const LEFT = HELD / 5;

describe.each(servers)("on $name", (server) => {
  let running: RunningServer;
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  beforeAll(async () => {
    running = await server.start();
    // What the first of them make is there to stay.
    await stick("warm", "timeout=1", 200);
    await ended("warm", 200);
  });
  afterAll(async () => {
    agent.destroy();
    await running?.close();
  });

  /** Asks for so many responses, and waits until the callbacks of all have begun to wait. */
  async function stick(prefix: string, query: string, count: number): Promise<void> {
    const ask = async (_: unknown, index: number) => {
      const way = index % 2 ? "alone" : "wrapped";
      const exchange = await send(running.control.url(`${way}/stuck/${prefix}-${index}?${query}`), { agent });
      expect(String(await exchange.readAll())).toBe("text");
    };
    await Promise.all(Array.from({ length: count }, ask));
  }

  const ended = async (prefix: string, count: number) => {
    const told = () => running.control.told(prefix);
    const all = async () => [...(await told()).values()].every((words) => words.includes("onError TimeoutError"));
    await vi.waitUntil(all, { timeout: 20_000, interval: 50 });
    const entries = await told();
    expect(entries.size).toBe(count);
    return [...entries].filter(
      ([id, words]) =>
        words.filter((word) => word !== "adapter completed").join() !== "came,aborted 2500,onError TimeoutError" ||
        words.includes("adapter completed") !== Number(id.split("-")[1]) % 2 < 1,
    );
  };

  test("1,000 pending callbacks are aborted when their time is over, each once, and are collected", {
    timeout: 60_000,
  }, async () => {
    const before = await running.memory();
    await stick("own", "timeout=300", 1_000);
    expect(await ended("own", 1_000)).toEqual([]);
    expect(await running.control.ask("drain", "10000")).toMatchObject({ pending: 0 });
    expect((await running.memory()) - before).toBeLessThan(1_000 * LEFT);
  });

  // On Node 20 and 24 and on Deno each was held by what it waited for: by way of the race with its time, the TimeoutError
  // that this ended with, the functions in the stack of that, and the outcome that these see.
  test("nothing of them is held by a dependency that lives on", { timeout: 60_000 }, async () => {
    const before = await running.memory();
    await stick("shared", "timeout=100&shared", 300);
    expect(await ended("shared", 300)).toEqual([]);
    expect((await running.memory()) - before).toBeLessThan(300 * LEFT);
  });

  // On the older workerd it rejects: a request may not touch the signals of another.
  test.skipIf(server.name.startsWith("workerd"))(
    "drain() aborts those that have time left, and says how many",
    {
      timeout: 60_000,
    },
    async () => {
      const before = await running.memory();
      await stick("drained", "timeout=60000", 300);
      // So much is to be let go of.
      expect((await running.memory()) - before).toBeGreaterThan(300 * HELD * 0.8);
      expect(await running.control.ask("drain", "100")).toMatchObject({ pending: 300 });
      expect(await ended("drained", 300)).toEqual([]);
      expect(await running.control.ask("drain", "10000")).toMatchObject({ pending: 0 });
      expect((await running.memory()) - before).toBeLessThan(300 * LEFT);
    },
  );
});
