// On real workerds, with enable_request_signal.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { fetchOnce } from "../client.ts";
import { newestWorkerd, withWorker } from "../hosts/workerd.ts";

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_host, binary) => {
  // It was read from the hand-over on, whoever kept the response.
  test("nothing is read of a response that the runtime has not begun to send", async () => {
    const options = { ...(binary !== undefined && { binary }), flags: ["enable_request_signal"] };
    await withWorker(new URL("./ahead-worker.ts", import.meta.url), options, async ({ port }) => {
      const get = async (path: string) => (await fetchOnce(`http://127.0.0.1:${port}${path}`)).text();
      expect(await get("/")).toBe("another one");
      await pause(300);
      expect(await get("/pulls")).toBe("0");
    });
  });
});
