// Workers that others instrument, as Sentry and OpenTelemetry do, around a wrapped one; on real workerds.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fetchOnce } from "../client.ts";
import { newestWorkerd, type RunningWorker, withWorker as useWorker } from "../hosts/workerd.ts";

interface Fetcher {
  scheduled(options: { cron: string }): Promise<{ outcome: string }>;
}

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_host, binary) => {
  const withWorker = (kind: string, use: (worker: RunningWorker) => Promise<void>) =>
    useWorker(
      new URL("./instrumented-worker.ts", import.meta.url),
      { ...(binary !== undefined && { binary }), bindings: { KIND: kind } },
      use,
    );
  const get = (worker: RunningWorker, path: string) => fetchOnce(`http://127.0.0.1:${worker.port}${path}`);

  /** What happened in the Worker, once something of it is `last`. */
  async function eventsOf(worker: RunningWorker, last: string): Promise<string[]> {
    for (let i = 0; ; i++) {
      const events = (await (await get(worker, "/events")).json()) as string[];
      if (events.includes(last) || i === 200) return events.filter((event) => event !== "fetch begins");
      await pause(20);
    }
  }

  test.for([
    ["proxy", "worker scheduled *", ["scheduled begins", "worker scheduled *"]],
    ["spread", "worker scheduled *", ["scheduled begins", "worker scheduled *"]],
    ["assigned", "another scheduled *", ["another scheduled *"]],
    ["defined", "worker scheduled *", ["worker scheduled *"]],
    ["inside", "inner scheduled *", ["inner scheduled *"]],
  ] as const)("a wrapped Worker is instrumented as a plain one: %s", { timeout: 30_000 }, ([kind, last, scheduled]) =>
    withWorker(kind, async (worker) => {
      expect(await (await get(worker, "/")).text()).toBe("text");
      expect(await eventsOf(worker, "worker completed")).toEqual(["worker completed"]);
      const begun = ((await (await get(worker, "/events")).json()) as string[]).filter((at) => at === "fetch begins");
      expect(begun.length > 0).toBe(kind !== "assigned");
      const fetcher = (await worker.miniflare.getWorker()) as unknown as Fetcher;
      expect((await fetcher.scheduled({ cron: "*" })).outcome).toBe("ok");
      expect(await eventsOf(worker, last)).toEqual(["worker completed", ...scheduled]);
    }),
  );

  test("without a ctx the ambient one waits", () =>
    withWorker("context", async (worker) => {
      expect(await (await get(worker, "/none/text")).text()).toBe("text");
      expect(await eventsOf(worker, "worker completed")).toEqual(["worker completed"]);
    }));

  // Vitest's pool waits for the `ctx` that it gave. The class had asked the ambient one, and nobody that one.
  test.for([
    ["own/text", ["worker completed"]],
    ["own/stream", ["worker completed"]],
    ["function/text", ["worker completed"]],
    ["told/plain", ["for all completed"]],
    ["told/text", ["worker completed", "for all completed"]],
  ] as const)("the ctx that fetch was given waits until the callbacks have settled: %s", ([path, wanted]) =>
    withWorker("context", async (worker) => {
      expect(await (await get(worker, `/${path}`)).json()).toEqual({ given: true, events: wanted });
    }),
  );
});
