import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type EnqueueOptions, enqueue, type QueueProducer } from "../../adapters/cloudflare-queue.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A producer binding that writes down what it is sent, with the time, and fails the first `failures` times. */
function producer(events: unknown[], failures = 0): QueueProducer {
  let sends = 0;
  return {
    async send(...args) {
      events.push([Date.now(), ...args]);
      sends++;
      if (sends <= failures) throw new Error(`failure ${sends}`);
    },
  };
}

const never = new AbortController().signal;
const outcome = { type: "completed", bytes: 5 } as Outcome;
const toMessage = ({ type, bytes }: Outcome) => ({ type, bytes });
const MESSAGE = { type: "completed", bytes: 5 };

/** Writes down, with the time, how a promise settled. */
function settled(promise: Promise<unknown>, events: unknown[]): Promise<unknown> {
  return promise.then(
    (value) => events.push([Date.now(), "fulfilled", value]),
    (error) => events.push([Date.now(), "rejected", error]),
  );
}

describe("enqueue", () => {
  test("sends the message once, and fulfils with nothing when the queue has it", async () => {
    const events: unknown[] = [];
    let accept = (_: unknown) => {};
    const queue: QueueProducer = {
      send(message) {
        events.push(message);
        return new Promise((resolve) => {
          accept = resolve;
        });
      },
    };
    const done = settled(enqueue(queue, toMessage)(outcome, { signal: never }), events);
    await vi.advanceTimersByTimeAsync(1_000);
    events.push("the queue accepts");
    accept("what the binding gives");
    await done;
    expect(events).toEqual([MESSAGE, "the queue accepts", [1_000, "fulfilled", undefined]]);
  });

  test("waits for a message that is made asynchronously", async () => {
    const events: unknown[] = [];
    const slow = async (outcome: Outcome) => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return toMessage(outcome);
    };
    const done = enqueue(producer(events), slow)(outcome, { signal: never });
    await vi.runAllTimersAsync();
    await done;
    expect(events).toEqual([[50, MESSAGE, {}]]);
  });

  test.for<[string, () => unknown]>([
    ["undefined", () => undefined],
    ["a promise of undefined", async () => undefined],
  ])("sends nothing for a message that is %s", async ([, message]) => {
    const events: unknown[] = [];
    await settled(enqueue(producer(events), message)(outcome, { signal: never }), events);
    expect(events).toEqual([[0, "fulfilled", undefined]]);
  });

  test.for([[null], [0], [""], [false]])("sends a message that is %o", async ([message]) => {
    const events: unknown[] = [];
    await enqueue(producer(events), () => message)(outcome, { signal: never });
    expect(events).toEqual([[0, message, {}]]);
  });

  test("calls send on its queue, with contentType and delaySeconds and nothing else", async () => {
    const events: unknown[] = [];
    const queue = {
      async send(...args: unknown[]) {
        events.push(this, ...args);
      },
    };
    const options: EnqueueOptions = { contentType: "text", delaySeconds: 60, retries: 1, pause: 1 };
    await enqueue(queue, () => "a message", options)(outcome, { signal: never });
    expect(events[0]).toBe(queue);
    expect(events.slice(1)).toEqual(["a message", { contentType: "text", delaySeconds: 60 }]);
  });

  test("serves many responses, each with its own message and its own retries", async () => {
    const events: unknown[] = [];
    const callback = enqueue(producer(events, 2), ({ bytes }) => bytes, { retries: 1 });
    const done = [1, 2].map((bytes) => callback({ type: "completed", bytes } as Outcome, { signal: never }));
    await vi.runAllTimersAsync();
    await Promise.all(done);
    expect(events).toEqual([
      [0, 1, {}],
      [0, 2, {}],
      [100, 1, {}],
      [100, 2, {}],
    ]);
  });
});

describe("a send that fails", () => {
  test("is tried again after pauses of 100, 200 and 400 ms, with the same message", async () => {
    const events: unknown[] = [];
    let made = 0;
    const done = settled(enqueue(producer(events, 3), () => `message ${++made}`)(outcome, { signal: never }), events);
    await vi.runAllTimersAsync();
    await done;
    expect(events).toEqual([
      [0, "message 1", {}],
      [100, "message 1", {}],
      [300, "message 1", {}],
      [700, "message 1", {}],
      [700, "fulfilled", undefined],
    ]);
  });

  test("rejects with the last error when the retries are used up", async () => {
    const events: unknown[] = [];
    const done = settled(
      enqueue(producer(events, 9), toMessage, { retries: 2, pause: 10 })(outcome, { signal: never }),
      events,
    );
    await vi.runAllTimersAsync();
    await done;
    expect(events).toEqual([
      [0, MESSAGE, {}],
      [10, MESSAGE, {}],
      [30, MESSAGE, {}],
      [30, "rejected", new Error("failure 3")],
    ]);
  });

  test("with retries of 0 is not tried again", async () => {
    const events: unknown[] = [];
    await settled(enqueue(producer(events, 1), toMessage, { retries: 0 })(outcome, { signal: never }), events);
    expect(events).toEqual([
      [0, MESSAGE, {}],
      [0, "rejected", new Error("failure 1")],
    ]);
  });

  test("may throw instead of rejecting", async () => {
    const events: unknown[] = [];
    const queue: QueueProducer = {
      send() {
        events.push([Date.now(), "send"]);
        throw new Error("thrown");
      },
    };
    const done = settled(enqueue(queue, toMessage, { retries: 1 })(outcome, { signal: never }), events);
    await vi.runAllTimersAsync();
    await done;
    expect(events).toEqual([
      [0, "send"],
      [100, "send"],
      [100, "rejected", new Error("thrown")],
    ]);
  });

  // A timer of more than 2^31 - 1 ms fires at once.
  test("is not tried again at once because its pause is longer than a timer can be", async () => {
    const events: unknown[] = [];
    const options = { retries: Number.POSITIVE_INFINITY, pause: Number.POSITIVE_INFINITY };
    const done = enqueue(producer(events, 1), toMessage, options)(outcome, { signal: never });
    await vi.runAllTimersAsync();
    await done;
    expect(events).toEqual([
      [0, MESSAGE, {}],
      [2 ** 31 - 1, MESSAGE, {}],
    ]);
  });
});

describe("a message that cannot be made", () => {
  test.for([
    [
      "throws",
      () => {
        throw new Error("no message");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no message"))],
  ] as const)("and %s makes the callback reject, and is not tried again", async ([, message]) => {
    const events: unknown[] = [];
    await settled(enqueue(producer(events), message)(outcome, { signal: never }), events);
    expect(events).toEqual([[0, "rejected", new Error("no message")]]);
  });
});

describe("a signal that aborts", () => {
  const reason = new Error("the time is over");

  /** Runs the callback with a signal that aborts after `ms`, and gives how it settled when all timers have run. */
  async function abortAfter(ms: number, queue: QueueProducer, message: () => unknown, events: unknown[]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), ms);
    const done = settled(enqueue(queue, message)(outcome, { signal: controller.signal }), events);
    await vi.runAllTimersAsync();
    await done;
  }

  test("ends the pause between two sends with its reason, and no send follows", async () => {
    const events: unknown[] = [];
    const controller = new AbortController();
    const done = settled(enqueue(producer(events, 9), () => "message")(outcome, { signal: controller.signal }), events);
    await vi.advanceTimersByTimeAsync(150);
    controller.abort(reason);
    await done;
    expect(events).toEqual([
      [0, "message", {}],
      [100, "message", {}],
      [150, "rejected", reason],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("ends a send that is under way with its reason, and no retry follows when that fails", async () => {
    const events: unknown[] = [];
    const queue: QueueProducer = {
      async send(message) {
        events.push([Date.now(), message]);
        await new Promise((resolve) => setTimeout(resolve, 500));
        events.push([Date.now(), "failed"]);
        throw new Error("failed");
      },
    };
    await abortAfter(150, queue, () => "message", events);
    expect(events).toEqual([
      [0, "message"],
      [150, "rejected", reason],
      [500, "failed"],
    ]);
  });

  test("while the message is made ends it with its reason, and nothing is sent", async () => {
    const events: unknown[] = [];
    const slow = () => new Promise((resolve) => setTimeout(resolve, 500, "message"));
    await abortAfter(150, producer(events), slow, events);
    expect(events).toEqual([[150, "rejected", reason]]);
  });

  test("before the callback runs makes it reject without a message", async () => {
    const events: unknown[] = [];
    const message = () => events.push("message");
    await settled(enqueue(producer(events), message)(outcome, { signal: AbortSignal.abort(reason) }), events);
    expect(events).toEqual([[0, "rejected", reason]]);
  });

  test("is listened to while there is something to end, and no longer", async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, "addEventListener");
    const remove = vi.spyOn(signal, "removeEventListener");
    const done = enqueue(producer([], 1), toMessage)(outcome, { signal });
    await vi.runAllTimersAsync();
    await done;
    // The message, a send, a pause, a send.
    expect(add).toHaveBeenCalledTimes(4);
    expect(remove.mock.calls).toEqual(add.mock.calls);
  });
});

/** Callbacks are dispatched by a real timer: from here on the clock of the test moves theirs. */
function begun(response: ResponseThen): Promise<Outcome> {
  return new Promise((resolve) => response.onFinished(resolve));
}

describe("in a ResponseThen", () => {
  test("sends after the end, and finished waits for it", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen("Hello", enqueue(producer(events, 1), toMessage));
    events.push(await response.text());
    await begun(response);
    await vi.runAllTimersAsync();
    await response.finished;
    expect(events).toEqual(["Hello", [expect.any(Number), MESSAGE, {}], [expect.any(Number), MESSAGE, {}]]);
  });

  test("that runs out of retries tells onError once, with the last error and the outcome", async () => {
    const events: unknown[] = [];
    const onError = (error: unknown, { type }: Outcome) => events.push([error, type]);
    const response = new ResponseThen("Hello", enqueue(producer([], 9), toMessage), { onError });
    await response.body?.cancel();
    await begun(response);
    await vi.runAllTimersAsync();
    await response.finished;
    expect(events).toEqual([[new Error("failure 4"), "canceled"]]);
  });

  test("that runs out of time tells onError once, and sends no more", async () => {
    const events: unknown[] = [];
    const onError = (error: unknown) => events.push((error as Error).name);
    const callback = enqueue(producer(events, 9), toMessage, { pause: 60 });
    const response = new ResponseThen("Hello", callback, { onError, timeout: 100 });
    await response.text();
    const start = Date.now();
    await begun(response);
    await vi.runAllTimersAsync();
    await response.finished;
    expect(events).toEqual([[start, MESSAGE, {}], [start + 60, MESSAGE, {}], "TimeoutError"]);
  });

  test("can be the callback for one kind of outcome", async () => {
    const events: unknown[] = [];
    const canceled = enqueue(producer(events), ({ type }) => type);
    const responses = [new ResponseThen("read", { canceled }), new ResponseThen("left", { canceled })];
    await responses[0]?.text();
    await responses[1]?.body?.cancel();
    await vi.runAllTimersAsync();
    await Promise.all(responses.map(({ finished }) => finished));
    expect(events).toEqual([[expect.any(Number), "canceled", {}]]);
  });
});

describe("bad input throws at the call", () => {
  const queue = producer([]);
  const bad = (...args: unknown[]) => (enqueue as (...args: unknown[]) => unknown)(...args);
  const withOptions = (options: unknown) => bad(queue, toMessage, options);

  test.for([
    ["no queue", () => bad(undefined, toMessage), "queue: expected a producer binding, with the method send, got Und"],
    [
      "a queue without send",
      () => bad({}, toMessage),
      "queue: expected a producer binding, with the method send, got O",
    ],
    ["a message", () => bad(queue, "message"), "message: expected a function of the outcome, got string message"],
    ["options of null", () => withOptions(null), "options: expected an object, got Null"],
    ["a number as options", () => withOptions(3), "options: expected an object, got number 3"],
    [
      "another contentType",
      () => withOptions({ contentType: "xml" }),
      "contentType: expected one of text, bytes, json, v8, got string xml",
    ],
  ] as const)("a TypeError for %s", ([, call, message]) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  test.for([
    ["retries", -1, "got number -1"],
    ["retries", Number.NaN, "got number NaN"],
    ["retries", "3", "got string 3"],
    ["pause", -1, "got number -1"],
    ["pause", null, "got Null"],
    ["delaySeconds", -1, "got number -1"],
    ["delaySeconds", "60", "got string 60"],
  ] as const)("a RangeError for %s of %o", ([name, value, got]) => {
    const call = () => withOptions({ [name]: value });
    expect(call).toThrow(RangeError);
    expect(call).toThrow(`${name}: expected a number, 0 or more, ${got}`);
  });

  test("nothing for options that are undefined: the defaults hold", async () => {
    const events: unknown[] = [];
    const undecided = { retries: undefined, pause: undefined };
    const done = enqueue(producer(events, 1), toMessage, undecided)(outcome, { signal: never });
    await vi.runAllTimersAsync();
    await done;
    expect(events).toEqual([
      [0, MESSAGE, {}],
      [100, MESSAGE, {}],
    ]);
  });
});

test("the message's type is that of the queue", () => {
  const bills = { send: async (_: { bytes: number }) => {} };
  enqueue(bills, ({ bytes }) => ({ bytes }));
  enqueue(bills, async ({ type, bytes }) => (type === "completed" ? { bytes } : undefined));
  // @ts-expect-error a bill has a number of bytes
  enqueue(bills, ({ type }) => ({ bytes: type }));
  // @ts-expect-error there are four content types
  expect(() => enqueue(bills, ({ bytes }) => ({ bytes }), { contentType: "xml" })).toThrow(TypeError);
});
