// Handing on to a real BullMQ on a real Redis, after responses of a real server, by real sockets.
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { drain, type Outcome } from "../../src/index.ts";
import { onRedis, type RunningRedis, redisServer, startRedis } from "./redis.ts";
import { type Relay, startRelay } from "./relay.ts";
import { byEnqueue, type HandOn, type Site, startSite, type Told } from "./site.ts";

const RESPONSES = 200;
/** How many clients there are at a time. */
const CLIENTS = 20;

describe.skipIf(redisServer === undefined)(onRedis("BullMQ"), () => {
  let redis: RunningRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.close());

  const ended: (() => unknown)[] = [];
  afterEach(async () => {
    // The last that was opened first: a queue closes while its relay still runs.
    for (const end of ended.splice(0).reverse()) await end();
  });

  /** A connection that tries again soon; that it fails meanwhile is what the tests are about. */
  function connectionTo(port: number, options: object = {}): Redis {
    const connection = new Redis({ port, retryStrategy: () => 50, maxRetriesPerRequest: null, ...options });
    connection.on("error", () => {});
    ended.push(() => connection.disconnect());
    return connection;
  }

  function queueAt(port: number, name: string, options?: object): Queue<Told> {
    const queue = new Queue<Told>(name, { connection: connectionTo(port, options) });
    queue.on("error", () => {});
    ended.push(() => Promise.race([queue.close(), new Promise((resolve) => setTimeout(resolve, 1_000))]));
    return queue;
  }

  /** A worker that writes down what it gets. */
  function workerOf(name: string): Told[] {
    const got: Told[] = [];
    const worker = new Worker<Told>(name, async ({ data }) => void got.push(data), {
      connection: connectionTo(redis.port),
      concurrency: 10,
    });
    worker.on("error", () => {});
    ended.push(() => worker.close(true));
    return got;
  }

  async function siteWith(handOn: HandOn, init?: object): Promise<Site> {
    const site = await startSite(handOn, init);
    ended.push(() => site.close());
    return site;
  }

  const whole = (got: readonly Told[]) => got.map(({ id, type }) => `${id}: ${type}`).sort();

  test(`${RESPONSES} responses, a third of them reset in the middle, are ${RESPONSES} jobs with the right outcome`, {
    timeout: 60_000,
  }, async () => {
    const site = await siteWith(byEnqueue(queueAt(redis.port, "many")));
    const got = workerOf("many");
    const ids = Array.from({ length: RESPONSES }, (_, index) => `response ${index}`);
    const isReset = (id: string) => Number(id.split(" ")[1]) % 3 === 0;
    const waiting = [...ids];
    const client = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        if (isReset(id)) await site.leave(id);
        else expect(await site.read(id)).toBe(`Hello, ${id}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    await vi.waitUntil(() => got.length >= RESPONSES, { timeout: 40_000, interval: 50 });
    // All that was handed on is in the queue now, and comes before what follows.
    expect(await drain({ timeout: 20_000 })).toMatchObject({ pending: 0 });
    await site.read("the last one");
    await vi.waitUntil(() => got.some(({ id }) => id === "the last one"), { timeout: 10_000, interval: 50 });
    expect(whole(got)).toEqual(
      [...ids.map((id) => `${id}: ${isReset(id) ? "canceled" : "completed"}`), "the last one: completed"].sort(),
    );
  });

  test("responses that end while Redis is restarted are jobs too, each once, and those before it stay", {
    timeout: 60_000,
  }, async () => {
    const queue = queueAt(redis.port, "restarted");
    const reported: unknown[] = [];
    const site = await siteWith(byEnqueue(queue), { onError: (error: unknown) => reported.push(error) });
    const read = (when: string) => Promise.all(Array.from({ length: 20 }, (_, index) => site.read(`${when} ${index}`)));
    await read("before");
    await redis.stop();
    expect(await read("while")).toEqual(Array.from({ length: 20 }, (_, index) => `Hello, while ${index}`));
    await redis.start();
    await read("after");
    expect(await drain({ timeout: 25_000 })).toMatchObject({ pending: 0 });
    const jobs = await queue.getWaiting();
    const ids = ["before", "while", "after"].flatMap((when) =>
      Array.from({ length: 20 }, (_, index) => `${when} ${index}: completed`),
    );
    expect(whole(jobs.map(({ data }) => data))).toEqual(ids.sort());
    expect(reported).toEqual([]);
  });

  describe("an add whose answer is lost", () => {
    /** BullMQ's `Queue` by a connection that loses the answer to its next `add`. */
    async function losingQueue(name: string, options?: object): Promise<[Queue<Told>, Relay]> {
      const relay = await startRelay(redis.port);
      ended.push(() => relay.close());
      const queue = queueAt(relay.port, name, options);
      // Redis has the script from now on: an add is one question with one answer.
      await queue.add("warm up", { id: "warm up", type: "completed" });
      return [queue, relay];
    }

    /** One response whose job is added; the worker is done with it, and then the connection comes back. */
    async function loseOne(name: string, handOn: HandOn, queue: Queue<Told>, relay: Relay): Promise<Told[]> {
      const site = await siteWith(handOn);
      const got = workerOf(name);
      const processed = (id: string) =>
        vi.waitUntil(() => got.some((each) => each.id === id), { timeout: 10_000, interval: 10 });
      await processed("warm up");
      relay.loseAnswer();
      expect(await site.read("one")).toBe("Hello, one");
      await relay.lost();
      await processed("one");
      const direct = queueAt(redis.port, name);
      // Until it is removed, where it is to be.
      await vi.waitUntil(async () => (await direct.getActiveCount()) === 0, { timeout: 10_000, interval: 10 });
      relay.open();
      expect(await drain({ timeout: 20_000 })).toMatchObject({ pending: 0 });
      await queue.add("sentinel", { id: "sentinel", type: "completed" });
      await processed("sentinel");
      return got.filter(({ id }) => id === "one");
    }

    const removed = { removeOnComplete: true };

    test("is a job twice by a plain add, which the connection repeats", async () => {
      const [queue, relay] = await losingQueue("plain");
      const add: HandOn = (id) => (outcome) => queue.add("told", { id, type: outcome.type });
      expect(await loseOne("plain", add, queue, relay)).toHaveLength(2);
    });

    test.for([
      ["the connection repeats it", "kept", {}, {}],
      ["the connection repeats it, and its job is done and removed", "removed", {}, removed],
      ["the connection fails, and it is retried", "kept", { maxRetriesPerRequest: 0 }, {}],
      ["the connection fails, it is retried, and its job is removed", "removed", { maxRetriesPerRequest: 0 }, removed],
      [
        "the connection repeats it, and its deduplication is the application's",
        "own",
        {},
        { deduplication: { id: "x" } },
      ],
    ] as const)("is one job where %s", async ([_, suffix, connection, job]) => {
      const name = `lost ${JSON.stringify(connection)} ${suffix}`.replaceAll(":", "");
      const [queue, relay] = await losingQueue(name, connection);
      const add = vi.spyOn(queue, "add");
      const handOn = byEnqueue(queue, { ...job, retries: 100, pause: 20 });
      expect(await loseOne(name, handOn, queue, relay)).toEqual([{ id: "one", type: "completed" }]);
      // The first, and the sentinel: what is beyond these was retried.
      const retried = add.mock.calls.filter(([job]) => job === "told").length > 1;
      expect(retried).toBe("maxRetriesPerRequest" in connection);
      expect(await queue.getCompletedCount()).toBe(suffix === "removed" ? 2 : 3);
    });
  });

  describe("without Redis", () => {
    const report =
      (reported: unknown[]) =>
      (error: unknown, { type, response }: Outcome) =>
        void reported.push([(error as Error).name, (error as Error).message, type, response.status]);

    test("a queue that waits for it is reported once, when the time is over, and the client gets its answer", async () => {
      const reported: unknown[] = [];
      const queue = queueAt(await unusedPort(), "gone");
      const site = await siteWith(byEnqueue(queue), { timeout: 300, onError: report(reported) });
      expect(await site.read("one")).toBe("Hello, one");
      expect(await drain({ timeout: 10_000 })).toMatchObject({ pending: 0 });
      expect(reported).toEqual([["TimeoutError", expect.stringContaining("timeout of 300 ms"), "completed", 200]]);
    });

    test("a queue that fails is reported once, when the retries are used up, also for a client that left", async () => {
      const reported: unknown[] = [];
      // Connected at first: before that a queue waits whatever its connection says.
      const relay = await startRelay(redis.port);
      const queue = queueAt(relay.port, "failing", { enableOfflineQueue: false });
      await queue.waitUntilReady();
      const add = vi.spyOn(queue, "add");
      await relay.close();
      const options = { retries: 2, pause: 10 };
      const site = await siteWith(byEnqueue(queue, options), { onError: report(reported) });
      await site.leave("one");
      await vi.waitUntil(() => reported.length > 0, { timeout: 10_000 });
      expect(await drain({ timeout: 10_000 })).toMatchObject({ pending: 0 });
      expect(add).toHaveBeenCalledTimes(3);
      expect(reported).toEqual([["Error", expect.stringMatching(/./), "canceled", 200]]);
    });
  });
});

/** A port on which nobody listens. */
async function unusedPort(): Promise<number> {
  const relay = await startRelay(0);
  await relay.close();
  return relay.port;
}
