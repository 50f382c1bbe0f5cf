// Limits in ms.
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { drain, type Outcome, ResponseThen } from "../../../src/index.ts";

// 2 ** 31 - 0.5 is below 2 ** 31, and more than a timer takes: it fired after 1 ms.
describe("a limit of 2 ** 31 - 0.5 ms, of which no timer can be made, does not fire at once", () => {
  const limit = 2 ** 31 - 0.5;

  test("as the timeout of a callback", async () => {
    const reports: unknown[] = [];
    let aborted: boolean | undefined;
    const callback = async (_: Outcome, { signal }: { signal: AbortSignal }) => {
      await pause(30);
      aborted = signal.aborted;
    };
    const onError = (error: unknown) => void reports.push(error);
    await new ResponseThen(null, callback, { timeout: limit, onError }).finished;
    expect([aborted, reports]).toEqual([false, []]);
  });

  test("as that of drain()", async () => {
    const response = new ResponseThen("text", () => {});
    const drained = drain({ timeout: limit });
    await pause(30);
    await response.text();
    expect(await drained).toEqual({ settled: 1, pending: 0 });
  });

  test("as that of onCancel: consume", async () => {
    const source = new ReadableStream({
      async pull(controller) {
        await pause(30);
        controller.enqueue(new Uint8Array(3));
        controller.close();
      },
    });
    const response = new ResponseThen(source, () => {}, { onCancel: "consume", consumeLimit: { ms: limit } });
    await response.body?.cancel();
    expect(await response.finished).toMatchObject({ consumed: { bytes: 3, whole: true } });
  });
});
