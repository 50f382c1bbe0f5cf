// On Workers a response that is built and dropped is told by its collection, and its source is
// canceled. The registry calls outside of every request, where there are no timers (FACTS 33).
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fetchOnce } from "../client.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

// The workerd of miniflare runs a reaction in the request that attached it alone, and that is over: told after 25 s.
describe.each([["workerd, newest", newestWorkerd]])("%s", (_host, binary) => {
  test.for([
    ["bound", ["bound canceled AbandonedError", "bound source canceled"]],
    ["bound-mid-body", ["bound-mid-body canceled AbandonedError", "bound-mid-body source canceled"]],
  ] as const)(
    "what is dropped is told once, and its source canceled: %s",
    { timeout: 40_000 },
    async ([name, wanted]) => {
      // Read by miniflare when it starts the runtime.
      process.env.MINIFLARE_WORKERD_V8_FLAGS = "--expose-gc";
      const worker = await startWorker(new URL("./collected-worker.ts", import.meta.url), {
        binary,
      }).finally(() => delete process.env.MINIFLARE_WORKERD_V8_FLAGS);
      try {
        const get = async (path: string) =>
          (await (await fetchOnce(`http://127.0.0.1:${worker.port}${path}`)).json()) as string[];
        await get(`/drop/${name}`);
        let events: string[] = [];
        // Far less than the 25 s of the Workers' class.
        for (let i = 0; i < 100 && events.length < wanted.length; i++) {
          events = await get("/gc");
          await pause(50);
        }
        await get("/gc");
        expect((await get("/gc")).toSorted()).toEqual(wanted);
        expect(worker.complaints()).toBe("");
      } finally {
        await worker.close();
      }
    },
  );
});
