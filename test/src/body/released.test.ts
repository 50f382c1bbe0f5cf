// A source that does not stop, or that gives what cannot be measured, is let go of.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { type Outcome, ResponseThen } from "../../../src/index.ts";

const endless = () => new Promise(() => {});
const readerOf = (response: Response) => (response.body as ReadableStream<unknown>).getReader();

// The lock was freed when `cancel()` had settled, and never where that never does.
describe("a source whose cancel() never settles frees its lock", () => {
  const never = (chunks: number) => {
    let left = chunks;
    const pull = (controller: ReadableStreamDefaultController) =>
      left-- > 0 ? controller.enqueue(new Uint8Array(3)) : endless();
    return new ReadableStream({ pull: pull as () => Promise<void>, cancel: endless as () => Promise<void> });
  };

  test.for([
    ["while a read is pending", 0, 1],
    ["between two reads", 1, 1],
  ] as const)("%s: before the callback is told that it was not released", async ([, chunks, reads]) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const source = never(chunks);
      const seen: unknown[] = [];
      const response = new ResponseThen(source, (outcome) => {
        seen.push(outcome.type, (outcome as { released?: boolean }).released, source.locked);
      });
      const reader = readerOf(response);
      for (let i = 0; i < reads; i++) void reader.read();
      await new Promise((resolve) => setImmediate(resolve));
      void reader.cancel();
      await vi.advanceTimersByTimeAsync(5_100);
      await response.finished;
      expect(seen).toEqual(["canceled", false, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});

// What was thrown for a piece was the stream's error, and nobody told the lifecycle: it stayed open for ever.
describe("a chunk whose byteLength throws ends the response as errored, and cancels the source", () => {
  const trap = {
    get(): number {
      throw new Error("byteLength failed");
    },
  };
  test.for([
    ["of an object", () => Object.defineProperty({}, "byteLength", trap)],
    ["of a view", () => Object.defineProperty(new Uint8Array(3), "byteLength", trap)],
  ] as const)("%s", async ([, make]) => {
    const told: Outcome[] = [];
    const canceled: unknown[] = [];
    const source = new ReadableStream(
      { pull: (controller) => controller.enqueue(make()), cancel: (reason) => void canceled.push(reason) },
      { highWaterMark: 0 },
    );
    const response = new ResponseThen(source, (outcome) => void told.push(outcome));
    const error = await readerOf(response)
      .read()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ message: "byteLength failed" });
    await Promise.race([response.finished, pause(500)]);
    expect(told).toMatchObject([{ type: "errored", error, phase: "before-body" }]);
    expect.soft([canceled, source.locked]).toEqual([[error], false]);
  });

  test("with onCancel: consume too", async () => {
    const canceled: unknown[] = [];
    const source = new ReadableStream(
      {
        pull: (controller) => controller.enqueue(Object.defineProperty({}, "byteLength", trap)),
        cancel: (reason) => void canceled.push(reason),
      },
      { highWaterMark: 0 },
    );
    const response = new ResponseThen(source, () => {}, { onCancel: "consume" });
    await response.body?.cancel();
    const outcome = await Promise.race([response.finished, pause(500)]);
    expect(outcome).toMatchObject({ type: "canceled", reason: { cause: { message: "byteLength failed" } } });
    expect.soft([canceled.length, source.locked]).toEqual([1, false]);
  });
});
