// Async generators as bodies, on real workerds.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { send } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

// It was taken for a byte stream, and read by a BYOB reader, which it does not have: "This ReadableStream does not support
// BYOB reads". The plain Response of both workerds takes it.
describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_host, binary) => {
  let worker: Running;
  beforeAll(async () => {
    worker = await startWorker(new URL("./iterables-worker.ts", import.meta.url), {
      ...(binary !== undefined && { binary }),
      flags: ["enable_request_signal"],
    });
  });
  afterAll(() => worker?.close());

  const ask = (path: string) => send(new URL(`http://127.0.0.1:${worker.port}${path}`));
  const events = async (count: number) => {
    const all: string[] = [];
    for (let i = 0; i < 200 && all.length < count; i++) {
      all.push(...JSON.parse(String(await (await ask("/events")).readAll())));
      await pause(20);
    }
    return all;
  };

  test("the plain Response has the text of an async generator", async () => {
    expect(String(await (await ask("/plain/text")).readAll())).toBe("one two");
  });

  test.for(["alone", "wrapped"])("%s, the text of an async generator arrives, and completes", async (way) => {
    expect(String(await (await ask(`/${way}/text`)).readAll())).toBe("one two");
    expect(await events(1)).toEqual(["completed 7"]);
  });

  // Alone this workerd does not tell a JavaScript stream that its client left (cloudflare/workerd#6832).
  test.for(binary === undefined ? ["wrapped"] : ["alone", "wrapped"])(
    "%s, a client leaves in the middle of an async generator: it is released, and told",
    async (way) => {
      const { readAtLeast, message, socket } = await ask(`/${way}/flow`);
      await readAtLeast(1_000);
      message.on("error", () => {});
      socket.resetAndDestroy();
      expect((await events(2)).toSorted()).toEqual(["canceled", "released"]);
    },
  );
});
