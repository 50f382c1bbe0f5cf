// What enqueue asks of a queue; without Redis. What becomes of it there: test/bullmq.
import { Queue } from "bullmq";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { enqueue, type JobQueue } from "../../adapters/bullmq.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

interface Job {
  readonly at: number;
  readonly name: string;
  readonly data: unknown;
  readonly options: { jobId: string; deduplication?: { id: string; ttl: number } } & Record<string, unknown>;
}

/** A queue that writes down what it is asked, with the time, and fails the first `failures` times. */
function queueOf(jobs: Job[], failures = 0) {
  return {
    async add(name: string, data: unknown, options?: Record<string, unknown>) {
      jobs.push({ at: Date.now(), name, data, options: options as Job["options"] });
      if (jobs.length <= failures) throw new Error(`failure ${jobs.length}`);
    },
  };
}

const never = new AbortController().signal;
const outcome = { type: "completed", bytes: 5 } as Outcome;
const toData = ({ type, bytes }: Outcome) => ({ type, bytes });
const DATA = { type: "completed", bytes: 5 };
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** How a promise settled, and when, once all timers have run. */
async function settled(promise: Promise<unknown>): Promise<unknown[]> {
  const done = promise.then(
    (value) => [Date.now(), "fulfilled", value],
    (error) => [Date.now(), "rejected", error],
  );
  await vi.runAllTimersAsync();
  return done;
}

describe("enqueue", () => {
  test("adds one job, with the name, the data and the options of the job, and fulfils with nothing", async () => {
    const jobs: Job[] = [];
    const options = { attempts: 5, removeOnComplete: true, retries: 1, pause: 1 };
    expect(await settled(enqueue(queueOf(jobs), "bill", toData, options)(outcome, { signal: never }))).toEqual([
      0,
      "fulfilled",
      undefined,
    ]);
    expect(jobs).toEqual([
      {
        at: 0,
        name: "bill",
        data: DATA,
        options: {
          attempts: 5,
          removeOnComplete: true,
          jobId: expect.stringMatching(UUID),
          deduplication: { id: jobs[0]?.options.jobId, ttl: 300_000 },
        },
      },
    ]);
  });

  test("calls add on its queue, and waits for it and for data that is made asynchronously", async () => {
    const events: unknown[] = [];
    const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    const queue = {
      async add(_: string, data: unknown) {
        events.push(this === queue, Date.now(), data);
        await pause(30);
      },
    };
    const data = async (outcome: Outcome) => {
      await pause(50);
      return toData(outcome);
    };
    expect(await settled(enqueue(queue, "bill", data)(outcome, { signal: never }))).toEqual([
      80,
      "fulfilled",
      undefined,
    ]);
    expect(events).toEqual([true, 50, DATA]);
  });

  test.for<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["a promise of undefined", async () => undefined],
  ])("adds no job for data that is %s", async ([, data]) => {
    const jobs: Job[] = [];
    expect(await settled(enqueue(queueOf(jobs), "bill", data)(outcome, { signal: never }))).toEqual([
      0,
      "fulfilled",
      undefined,
    ]);
    expect(jobs).toEqual([]);
  });

  test.for([[null], [0], [""], [false]])("adds a job whose data is %o", async ([data]) => {
    const jobs: Job[] = [];
    await enqueue(queueOf(jobs), "bill", () => data)(outcome, { signal: never });
    expect(jobs.map(({ data }) => data)).toEqual([data]);
  });

  test("has another jobId for each response", async () => {
    const jobs: Job[] = [];
    const callback = enqueue(queueOf(jobs), "bill", toData);
    for (let response = 0; response < 10; response++) await callback(outcome, { signal: never });
    expect(new Set(jobs.map(({ options }) => options.jobId)).size).toBe(10);
  });

  test("takes a jobId, and has another deduplication for each response all the same", async () => {
    const jobs: Job[] = [];
    const callback = enqueue(queueOf(jobs), "bill", toData, { jobId: "the only one" });
    await callback(outcome, { signal: never });
    await callback(outcome, { signal: never });
    expect(jobs.map(({ options }) => options.jobId)).toEqual(["the only one", "the only one"]);
    expect(jobs[0]?.options.deduplication?.id).toMatch(UUID);
    expect(jobs[1]?.options.deduplication?.id).not.toBe(jobs[0]?.options.deduplication?.id);
  });

  test("takes a deduplication", async () => {
    const jobs: Job[] = [];
    await enqueue(queueOf(jobs), "bill", toData, { deduplication: { id: "mine" } })(outcome, { signal: never });
    expect(jobs[0]?.options).toEqual({ jobId: expect.stringMatching(UUID), deduplication: { id: "mine" } });
  });

  // BullMQ throws: "Deduplication and parent options cannot be used together".
  test("has no deduplication for a job with a parent", async () => {
    const jobs: Job[] = [];
    const parent = { id: "a parent", queue: "bull:parents" };
    await enqueue(queueOf(jobs), "bill", toData, { parent })(outcome, { signal: never });
    expect(jobs[0]?.options).toEqual({ jobId: expect.stringMatching(UUID), parent });
  });
});

describe("an add that fails", () => {
  test("is tried again after pauses of 100, 200 and 400 ms, with the same data, jobId and deduplication", async () => {
    const jobs: Job[] = [];
    let made = 0;
    const callback = enqueue(queueOf(jobs, 3), "bill", () => `data ${++made}`);
    expect(await settled(callback(outcome, { signal: never }))).toEqual([700, "fulfilled", undefined]);
    expect(jobs.map(({ at, data }) => [at, data])).toEqual([0, 100, 300, 700].map((at) => [at, "data 1"]));
    for (const { options } of jobs) expect(options).toEqual(jobs[0]?.options);
  });

  test("rejects with the last error when the retries are used up", async () => {
    const jobs: Job[] = [];
    const callback = enqueue(queueOf(jobs, 9), "bill", toData, { retries: 2, pause: 10 });
    expect(await settled(callback(outcome, { signal: never }))).toEqual([30, "rejected", new Error("failure 3")]);
    expect(jobs.map(({ at }) => at)).toEqual([0, 10, 30]);
  });

  test("is not tried again for other responses, which have their own tries", async () => {
    const jobs: Job[] = [];
    const callback = enqueue(queueOf(jobs, 2), "bill", ({ bytes }) => bytes, { retries: 1 });
    const done = [1, 2].map((bytes) => callback({ type: "completed", bytes } as Outcome, { signal: never }));
    await vi.runAllTimersAsync();
    await Promise.all(done);
    expect(jobs.map(({ at, data }) => [at, data])).toEqual([
      [0, 1],
      [0, 2],
      [100, 1],
      [100, 2],
    ]);
    expect(jobs[2]?.options.jobId).toBe(jobs[0]?.options.jobId);
    expect(jobs[3]?.options.jobId).toBe(jobs[1]?.options.jobId);
  });
});

describe("data that cannot be made", () => {
  test("makes the callback reject, without a job and without a retry", async () => {
    const jobs: Job[] = [];
    const data = () => {
      throw new Error("no data");
    };
    expect(await settled(enqueue(queueOf(jobs), "bill", data)(outcome, { signal: never }))).toEqual([
      0,
      "rejected",
      new Error("no data"),
    ]);
    expect(jobs).toEqual([]);
  });
});

describe("a signal that aborts", () => {
  const reason = new Error("the time is over");
  const abortAfter = (ms: number) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), ms);
    return controller.signal;
  };

  test("ends an add that waits for Redis, with its reason", async () => {
    const queue = { add: () => new Promise(() => {}) };
    expect(await settled(enqueue(queue, "bill", toData)(outcome, { signal: abortAfter(150) }))).toEqual([
      150,
      "rejected",
      reason,
    ]);
  });

  test("ends the pause between two tries, and no try follows", async () => {
    const jobs: Job[] = [];
    expect(await settled(enqueue(queueOf(jobs, 9), "bill", toData)(outcome, { signal: abortAfter(150) }))).toEqual([
      150,
      "rejected",
      reason,
    ]);
    expect(jobs.map(({ at }) => at)).toEqual([0, 100]);
  });

  test("before the callback runs makes it reject without data", async () => {
    const data = vi.fn();
    const done = enqueue(queueOf([]), "bill", data)(outcome, { signal: AbortSignal.abort(reason) });
    expect(await settled(done)).toEqual([0, "rejected", reason]);
    expect(data).not.toHaveBeenCalled();
  });
});

describe("in a ResponseThen", () => {
  test("that runs out of time tells onError once, with the outcome", async () => {
    vi.useRealTimers();
    const reported: unknown[] = [];
    const queue = { add: () => new Promise(() => {}) };
    const onError = (error: unknown, { type }: Outcome) => reported.push([(error as Error).name, type]);
    const response = new ResponseThen("Hello", enqueue(queue, "bill", toData), { onError, timeout: 20 });
    expect(await response.text()).toBe("Hello");
    await response.finished;
    expect(reported).toEqual([["TimeoutError", "completed"]]);
  });

  test("can be the callback for one kind of outcome", async () => {
    vi.useRealTimers();
    const jobs: Job[] = [];
    const canceled = enqueue(queueOf(jobs), "bill", ({ type }) => type);
    const responses = [new ResponseThen("read", { canceled }), new ResponseThen("left", { canceled })];
    await responses[0]?.text();
    await responses[1]?.body?.cancel();
    await Promise.all(responses.map(({ finished }) => finished));
    expect(jobs.map(({ data }) => data)).toEqual(["canceled"]);
  });
});

describe("bad input throws at the call", () => {
  const bad = (...args: unknown[]) => (enqueue as unknown as (...args: unknown[]) => unknown)(...args);
  const queue = queueOf([]);

  test.for([
    [
      "no queue",
      () => bad(undefined, "bill", toData),
      "queue: expected BullMQ's Queue, with the method add, got Undef",
    ],
    [
      "a queue without add",
      () => bad({}, "bill", toData),
      "queue: expected BullMQ's Queue, with the method add, got O",
    ],
    ["no name", () => bad(queue, toData), "name: expected a non-empty string, got Function"],
    ["an empty name", () => bad(queue, "", toData), 'name: expected a non-empty string, got string ""'],
    ["data", () => bad(queue, "bill", { bytes: 5 }), "data: expected a function of the outcome, got Object"],
    ["options of null", () => bad(queue, "bill", toData, null), "options: expected an object, got Null"],
    ["a number as options", () => bad(queue, "bill", toData, 3), "options: expected an object, got number 3"],
    // To BullMQ it is none, and a retry would double the job.
    ["an empty jobId", () => bad(queue, "bill", toData, { jobId: "" }), "jobId: expected a non-empty string, got"],
    ["a number as jobId", () => bad(queue, "bill", toData, { jobId: 7 }), "jobId: expected a non-empty string, g"],
  ] as const)("a TypeError for %s", ([, call, message]) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  test.for([
    ["retries", -1, "got number -1"],
    ["retries", "3", "got string 3"],
    ["pause", Number.NaN, "got number NaN"],
  ] as const)("a RangeError for %s of %o", ([name, value, got]) => {
    const call = () => bad(queue, "bill", toData, { [name]: value });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(`${name}: expected a number, 0 or more, ${got}`);
  });

  test("nothing for options that are undefined: the defaults hold", async () => {
    const jobs: Job[] = [];
    const undecided = { retries: undefined, pause: undefined, jobId: undefined, deduplication: undefined };
    await settled(enqueue(queueOf(jobs, 1), "bill", toData, undecided)(outcome, { signal: never }));
    expect(jobs.map(({ at }) => at)).toEqual([0, 100]);
    const jobId = jobs[0]?.options.jobId;
    expect(jobs[0]?.options).toEqual({
      jobId: expect.stringMatching(UUID),
      deduplication: { id: jobId, ttl: 300_000 },
    });
  });
});

test("BullMQ's Queue is one, and the types of its names, data and options hold", () => {
  // Only its type: a queue connects when it is made.
  type Bills = Queue<{ bytes: number }, void, "bill" | "refund">;
  const bills = { add: async () => {} } as unknown as Bills;
  bills satisfies JobQueue<"bill" | "refund", { bytes: number }>;
  const anything = bills as unknown as Queue;
  anything satisfies JobQueue;

  enqueue(anything, "any name", () => "any data", { attempts: 2, retries: 1 });
  enqueue(bills, "bill", ({ bytes }) => ({ bytes }), { backoff: { type: "exponential", delay: 100 }, pause: 5 });
  enqueue(bills, "refund", async ({ type, bytes }) => (type === "completed" ? undefined : { bytes }));
  // @ts-expect-error there are two kinds of job
  enqueue(bills, "gift", ({ bytes }) => ({ bytes }));
  // @ts-expect-error a bill has a number of bytes
  enqueue(bills, "bill", ({ type }) => ({ bytes: type }));
  // @ts-expect-error BullMQ has no such option
  enqueue(bills, "bill", ({ bytes }) => ({ bytes }), { attempt: 3 });
  expect(Queue).toBeTypeOf("function");
});
