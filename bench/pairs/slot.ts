import { setTimeout as pause } from "node:timers/promises";
import { fetchOnce } from "../../test/client.ts";
import type { RunningServer } from "../process.ts";
import { CpuClock } from "./cpu.ts";
import type { Side, Slot } from "./pair.ts";

/** What a server is asked for in one slot. */
export interface Work {
  /** How many requests; the cost is that of one. */
  readonly requests: number;
  /** Sends them, and asserts that the answers are right. */
  ask(server: RunningServer, requests: number): Promise<void>;
  /** Asserts that the callbacks of so many requests ran. */
  check(server: RunningServer, requests: number): Promise<void>;
}

/** Callbacks run after the last answer, and the scheduler counts a thread when it sleeps; in ms. */
const SETTLE = 5;

/** Starts a server whose slots cost CPU time: µs of one request. */
export async function startSide(start: () => Promise<RunningServer>, work: Work): Promise<Side> {
  const server = await start();
  let asked = 0;
  return {
    slot: slotOf(server, async () => {
      await work.ask(server, work.requests);
      asked += work.requests;
      return work.requests;
    }),
    check: () => work.check(server, asked),
    close: () => server.close(),
  };
}

/** Starts a script that works and checks by itself, and answers how often it did its work: µs of one time. */
export async function startCounted(start: () => Promise<RunningServer>, path: string): Promise<Side> {
  const server = await start();
  const url = `http://127.0.0.1:${server.control}${path}`;
  return {
    slot: slotOf(server, async () => (await fetchOnce(url)).json()),
    check: async () => {},
    close: () => server.close(),
  };
}

/** @param work Fulfils with how many it was. */
function slotOf(server: RunningServer, work: () => Promise<number>): () => Promise<Slot> {
  const clock = new CpuClock(server.pid);
  return async () => {
    const before = clock.now();
    const count = await work();
    await pause(SETTLE);
    const after = clock.now();
    const ran = after.ran - before.ran;
    return { cost: ran / count, waited: (after.waited - before.waited) / ran };
  };
}
