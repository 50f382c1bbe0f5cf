// What a Worker may export, and when a response may be built, on real workerds.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { READ_ON } from "../../src/expected.ts";
import { fetchOnce } from "../client.ts";
import { newestWorkerd, type RunningWorker, startWorker, withWorker as useWorker } from "../hosts/workerd.ts";

/** The part of miniflare's fetcher that is used: its own type clashes with the DOM's. */
interface Fetcher {
  scheduled(options: { cron: string }): Promise<{ outcome: string }>;
  queue(name: string, messages: readonly object[]): Promise<{ outcome: string }>;
}

const entry = new URL("./wire-handlers-worker.ts", import.meta.url);

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_host, binary) => {
  const optionsOf = (kind: string, options = {}) => ({
    ...(binary !== undefined && { binary }),
    flags: ["enable_request_signal"],
    bindings: { KIND: kind },
    options,
  });
  const start = (kind: string, options = {}) => startWorker(entry, optionsOf(kind, options));

  const withWorker = (kind: string, use: (worker: RunningWorker) => Promise<void>) =>
    useWorker(entry, optionsOf(kind), use);

  const get = (worker: RunningWorker, path: string) => fetchOnce(`http://127.0.0.1:${worker.port}${path}`);

  /** What happened in the Worker, once it is `count` things. */
  async function eventsOf(worker: RunningWorker, count: number): Promise<string[]> {
    const begun = performance.now();
    for (;;) {
      const events = (await (await get(worker, "/events")).json()) as string[];
      if (events.length >= count || performance.now() - begun > 15_000) return events;
      await pause(20);
    }
  }

  /** Other handlers of a Worker are called by the runtime. */
  async function callOthers({ miniflare }: RunningWorker): Promise<unknown[]> {
    const fetcher = (await miniflare.getWorker()) as unknown as Fetcher;
    const { outcome } = await fetcher.scheduled({ cron: "* * * * *" });
    const message = { id: "1", timestamp: new Date(0), attempts: 1, body: "a message" };
    const { outcome: queued } = await fetcher.queue("a-queue", [message]);
    return [outcome, queued];
  }

  describe.each([
    ["object", "an object"],
    ["private", "an instance"],
  ])("a wrapped worker: %s", (kind, name) => {
    test("scheduled and queue are called with their own this", { timeout: 30_000 }, () =>
      withWorker(kind, async (worker) => {
        expect(await callOthers(worker)).toEqual(["ok", "ok"]);
        expect(await eventsOf(worker, 2)).toEqual([`${name} scheduled * * * * *`, `${name} queue a-queue a message`]);
      }),
    );

    test("fetch is called with its own this, and the callback runs once", () =>
      withWorker(kind, async (worker) => {
        expect(await (await get(worker, "/")).text()).toBe(`Hello from ${name}`);
        const text = `Hello from ${name}`;
        expect(await eventsOf(worker, 1)).toEqual([`${name} completed ${text.length}`]);
      }));
  });

  test("a WorkerEntrypoint answers with a ResponseThen, and the callback runs once", () =>
    withWorker("entrypoint", async (worker) => {
      const text = await (await get(worker, "/")).text();
      expect(text).toBe("Hello from an entrypoint");
      expect(await eventsOf(worker, 1)).toEqual([`an entrypoint completed ${text.length}`]);
    }));

  test("a WorkerEntrypoint may wrap its answers; each callback runs once", () =>
    withWorker("wrapping-entrypoint", async (worker) => {
      const text = await (await get(worker, "/")).text();
      expect(text).toBe("Hello from a wrapping entrypoint");
      expect(await eventsOf(worker, 3)).toEqual([
        `a wrapping entrypoint completed ${text.length}`,
        `after completed ${text.length}`,
        // The answer that tells of the events went through the wrapper too.
        expect.stringMatching(/^after completed \d+$/),
      ]);
    }));

  test.for([
    ["alone", "an object"],
    ["object", "an object"],
  ] as const)("a stream longer than `abandonAfter` is whole, and its callback runs once: %s", ([kind, name]) =>
    withWorker(kind, async (worker) => {
      const body = await (await get(worker, "/long")).arrayBuffer();
      expect(body.byteLength).toBe(10_000);
      expect(await eventsOf(worker, 1)).toEqual([`${name} completed 10000`]);
    }),
  );

  test("what is no Worker, and a class, throws at the call", () =>
    withWorker("no-worker", async (worker) => {
      const wanted = "a fetch function, or an object with fetch() (not a class: wrap its fetch)";
      const got = ["Undefined", "Object", "Object", "Function"];
      expect(await (await get(worker, "/")).json()).toEqual(
        got.map((tag) => `TypeError: worker: expected ${wanted}, got ${tag}${READ_ON}`),
      );
    }));

  test("a ResponseThen at global scope throws and says why; none of its callbacks runs", () =>
    withWorker("global-scope-caught", async (worker) => {
      const why = `Error: ResponseThen was built at global scope: build it while a request is handled${READ_ON}`;
      expect(await (await get(worker, "/")).json()).toEqual({
        thrown: [`string: ${why}`, `bytes: ${why}`, `null: ${why}`, `blob: ${why}`],
        events: [],
      });
    }));

  test("a Worker that builds one at global scope does not start, and the runtime shows the message", async () => {
    let logged = "";
    const handleStructuredLogs = ({ message }: { message: string }) => {
      logged += `${message}\n`;
    };
    await expect(start("global-scope", { handleStructuredLogs })).rejects.toThrow("Workers runtime failed to start");
    expect(logged).toContain(`ResponseThen was built at global scope: build it while a request is handled${READ_ON}`);
  });
});
