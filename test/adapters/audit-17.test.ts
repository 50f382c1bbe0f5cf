// Audit of issue 15, item 17: the `ctx` that `fetch` was given is the one that waits. A response of the Workers' class had
// asked the ambient waitUntil in its constructor, and the ctx was never given anything; on real workerds.
import { describe, expect, test } from "vitest";
import { fetchOnce } from "../client.ts";
import { newestWorkerd, type RunningWorker, startWorker } from "../hosts/workerd.ts";

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_host, binary) => {
  async function withWorker(kind: string, use: (worker: RunningWorker) => Promise<void>): Promise<void> {
    const worker = await startWorker(new URL("../cloudflare/instrumented-worker.ts", import.meta.url), {
      ...(binary !== undefined && { binary }),
      bindings: { KIND: kind },
    });
    try {
      await use(worker);
      expect(worker.complaints()).toBe("");
    } finally {
      await worker.close();
    }
  }
  const get = (worker: RunningWorker, path: string) => fetchOnce(`http://127.0.0.1:${worker.port}${path}`);

  // Vitest's pool waits for the `ctx` that it gave, and the class had asked the ambient one.
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
