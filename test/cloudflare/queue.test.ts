// Handing on to a real local queue, on real workerds, by real sockets.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { send } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

const RESPONSES = 200;
/** How many clients there are at a time. */
const CLIENTS = 20;

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("%s", (_name, binary) => {
  let worker: Running;
  beforeAll(async () => {
    worker = await startWorker(new URL("./queue-worker.ts", import.meta.url), {
      ...(binary !== undefined && { binary }),
      flags: ["enable_request_signal"],
      options: {
        queueProducers: { OUTCOMES: "outcomes" },
        queueConsumers: { outcomes: { maxBatchSize: 50, maxBatchTimeout: 0.1 } },
      },
    });
  });
  afterAll(() => worker.close());

  const at = (path: string) => new URL(path, `http://127.0.0.1:${worker.port}`);
  const read = async (path: string) => (await (await send(at(path))).readAll()).toString();
  const list = async (path: string) => JSON.parse(await read(path)) as Record<string, unknown>[];
  const arrived = (key: string, value: string, count = 1) =>
    vi.waitUntil(async () => (await list("/received")).filter((each) => each[key] === value).length >= count, {
      timeout: 10_000,
      interval: 100,
    });

  /** All that the consumer has got; a message sent now has come behind all that were sent before. */
  async function receivedUntilNow(): Promise<Record<string, unknown>[]> {
    const id = crypto.randomUUID();
    await read(`/short?id=${id}`);
    await arrived("id", id);
    return (await list("/received")).filter((each) => each.id !== id);
  }

  async function leaveInTheMiddle(path: string): Promise<void> {
    const exchange = await send(at(path));
    await exchange.readAtLeast(1_500);
    exchange.socket.resetAndDestroy();
  }

  test(`${RESPONSES} responses, a third of them reset in the middle, are ${RESPONSES} messages with the right outcome`, {
    timeout: 60_000,
  }, async () => {
    const ids = Array.from({ length: RESPONSES }, (_, index) => `response ${index}`);
    const isReset = (id: string) => Number(id.split(" ")[1]) % 3 === 0;
    const waiting = [...ids];
    const client = async () => {
      for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
        if (isReset(id)) await leaveInTheMiddle(`/endless?id=${id}`);
        else expect(await read(`/whole?id=${id}`)).toHaveLength(4_000);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));

    const ours = async () => (await receivedUntilNow()).filter(({ id }) => ids.includes(id as string));
    await vi.waitUntil(async () => (await ours()).length >= RESPONSES, { timeout: 40_000, interval: 100 });
    const messages = (await ours()).map(({ id, type }) => `${id}: ${type}`);
    expect(messages.sort()).toEqual(ids.map((id) => `${id}: ${isReset(id) ? "canceled" : "completed"}`).sort());
  });

  test("a queue that fails twice is sent the message by the third try, once", async () => {
    await read("/retried?id=retried");
    await arrived("id", "retried");
    expect((await receivedUntilNow()).filter(({ id }) => id === "retried")).toEqual([
      { id: "retried", type: "completed", sends: 3 },
    ]);
  });

  test("the contentType reaches the binding", async () => {
    await read("/bytes?id=five");
    await arrived("bytes", "five");
  });

  test("a message that the queue refuses is reported once, with the outcome", async () => {
    await read("/too-large?id=large");
    await vi.waitUntil(async () => (await list("/reported")).length > 0, { timeout: 10_000, interval: 50 });
    await receivedUntilNow();
    expect(await list("/reported")).toEqual([expect.stringMatching(/^large completed: Error: ./)]);
  });
});
