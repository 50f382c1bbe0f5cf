// Faults that a reading of the source found, each in the scenario in which it showed.
import { setImmediate as macrotask } from "node:timers/promises";
import { Hono } from "hono";
import { expect, test, vi } from "vitest";
import { onFinished, responseThen } from "../../../adapters/hono.ts";
import { Exchange } from "../../../src/exchange/exchange.ts";
import type { HostSignals } from "../../../src/exchange/host-signals.ts";
import { wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { type Outcome, ResponseThen, responseFinished } from "../../../src/index.ts";
import type { End } from "../../../src/lifecycle/outcome.ts";
import { into, leaveNothingInFlight, settle } from "../../told.ts";

leaveNothingInFlight();

const GET = new Request("http://localhost/");
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = ({ captured }: Outcome) => captured && [new TextDecoder().decode(captured.bytes), captured.whole];

/** A stream of these pieces, which stays open. */
function open(events: unknown[], ...pieces: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      pull(controller) {
        const piece = pieces.shift();
        if (piece !== undefined) controller.enqueue(bytes(piece));
        return piece === undefined ? new Promise(() => {}) : undefined;
      },
      cancel: () => void events.push("source canceled"),
    },
    { highWaterMark: 0 },
  );
}

/** A host that hands over, and one that tells of the flush. */
const hosts: [name: string, host: () => HostSignals][] = [
  ["that hands over", () => ({ method: "GET", fixedLimit: 65_536 })],
  [
    "that flushes",
    () => ({
      method: "GET",
      fixedLimit: Number.POSITIVE_INFINITY,
      flushed: (listener: (end: End) => void) => {
        setTimeout(() => listener({ type: "completed", observed: "flushed" }), 20);
      },
    }),
  ],
];

// `captured` was cut to the bytes of the response that was sent in its place, and called whole.
test("a response whose text went into a shorter one has captured its own text", async () => {
  const outcomes: Outcome[] = [];
  const handler = wrapHandler(
    async () => {
      const response = new ResponseThen("a long text", (outcome) => void outcomes.push(outcome), { capture: 100 });
      await response.text();
      return new Response("short");
    },
    () => ({ method: "GET" }),
  );
  await (await handler(GET)).text();
  await settle();
  expect(outcomes.map((outcome) => [outcome.bytes, textOf(outcome)])).toEqual([[5, ["a long text", true]]]);
});

// A clone went out unwatched, so nothing was captured of it, and the option `onCancel` of its response did not count.
test.for(hosts)("a clone that is sent by a host %s is captured", async ([, hostOf]) => {
  for (const body of ["Hello", new Blob(["Hello"]).stream()]) {
    const outcomes: Outcome[] = [];
    const handler = wrapHandler(
      () => new ResponseThen(body, (outcome) => void outcomes.push(outcome), { capture: 100 }).clone(),
      hostOf,
    );
    expect(await (await handler(GET)).text()).toBe("Hello");
    await settle();
    expect(outcomes.map((outcome) => [outcome.type, outcome.bytes, textOf(outcome)])).toEqual([
      ["completed", 5, ["Hello", true]],
    ]);
  }
});

test("a clone that is sent is consumed if its response asks for that", async () => {
  const outcomes: Outcome[] = [];
  const source = new Blob(["a", "b", "c"]).stream();
  const handler = wrapHandler(
    () => new ResponseThen(source, (outcome) => void outcomes.push(outcome), { onCancel: "consume" }).clone(),
    () => ({ method: "GET" }),
  );
  await (await handler(GET)).body?.cancel();
  await settle();
  expect(outcomes.map((outcome) => outcome.type === "canceled" && outcome.consumed)).toEqual([
    { bytes: 3, whole: true },
  ]);
});

// It ended with the handler's own reading: completed, before the client had read the clone, also if the client left.
test("a clone that is sent after the original was read ends as the clone does", async () => {
  const events: unknown[] = [];
  const outcomes: Outcome[] = [];
  const handler = wrapHandler(
    async () => {
      const response = new ResponseThen(new Blob(["text"]).stream(), [
        into(events, "own"),
        (outcome) => void outcomes.push(outcome),
      ]);
      const copy = response.clone();
      await response.text();
      return copy;
    },
    () => ({ method: "GET" }),
  );
  const sent = await handler(GET);
  await macrotask();
  await macrotask();
  expect(events).toEqual([]);
  await sent.body?.cancel();
  await settle();
  expect(events).toEqual([["own", "canceled", "pulled", 200, "AbortError"]]);
  expect(outcomes.map(({ bytes }) => bytes)).toEqual([0]);
});

// Cookies are listed one by one and read as one text, so a redirect with two of them was not recognized.
test("a redirect with cookies that a middleware made anew, and gave one more, ends as completed", async () => {
  const events: unknown[] = [];
  const handler = wrapHandler(
    () => {
      const headers = new Headers([
        ["location", "/there"],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ]);
      const response = new ResponseThen(null, into(events, "own"), { status: 302, headers });
      const anew = new Response(response.body, response);
      anew.headers.append("set-cookie", "c=3");
      return anew;
    },
    () => ({ method: "GET" }),
  );
  await handler(GET);
  await settle();
  expect(events).toEqual([["own", "completed", "handed-over", 302]]);
});

// A listener to all responses took the place of the first callback, whose options are those of a plain response.
test("a listener does not change the options of a plain response", async () => {
  const unsubscribe = responseFinished.subscribe(() => {});
  try {
    const outcomes: Outcome[] = [];
    const app = new Hono();
    app.use(responseThen());
    app.get("/", (c) => {
      onFinished(c, (outcome) => void outcomes.push(outcome), { onCancel: "consume" });
      return new Response(new Blob(["a", "b"]).stream());
    });
    await (await app.request("/")).body?.cancel();
    await settle();
    expect(outcomes.map((outcome) => outcome.type === "canceled" && outcome.consumed)).toEqual([
      { bytes: 2, whole: true },
    ]);
  } finally {
    unsubscribe();
  }
});

/** A host whose client leaves when it is told to. */
function leaving(): { host: HostSignals; leave: () => void } {
  let gone: Error | undefined;
  const listeners: (() => void)[] = [];
  return {
    host: { method: "GET", abandonAfter: 10, gone: () => gone, left: (listener) => void listeners.push(listener) },
    leave() {
      gone = new Error("left");
      for (const listener of listeners.splice(0)) listener();
    },
  };
}

// It was told of nothing: the other callbacks had been told that the client left.
test("a callback that is added after its client was given up is told of the late answer", async () => {
  const events: unknown[] = [];
  const { host, leave } = leaving();
  const app = new Hono();
  app.use(responseThen());
  app.get("/", async (c) => {
    leave();
    await vi.waitUntil(() => events.length > 0);
    onFinished(c, into(events, "late"));
    return c.text("late");
  });
  await wrapHandler(
    (request: Request) => app.fetch(request),
    () => host,
    into(events, "all"),
  )(GET);
  await settle();
  expect(events).toEqual([
    ["all", "canceled", "handed-over", 499, "Error"],
    ["late", "canceled", "handed-over", 200, "Error"],
  ]);
});

// Its host tells of a leaving once, and that was before there was something to watch for: nothing ended, ever.
test("what is built after the client has left is given up too, if the handler never answers", async () => {
  const events: unknown[] = [];
  const { host, leave } = leaving();
  const handler = wrapHandler(
    async () => {
      await macrotask();
      leave();
      await macrotask();
      new ResponseThen("unsent", into(events, "own"));
      return new Promise<Response>(() => {});
    },
    () => host,
  );
  handler(GET);
  await vi.waitUntil(() => events.length > 0, { timeout: 15_000 });
  expect(events).toEqual([["own", "canceled", "handed-over", 200, "Error"]]);
});

// `released` said that the producer had stopped, and it was still at work.
test("what the handler leaves behind when its client has left has not been released", async () => {
  const outcomes: Outcome[] = [];
  const { host, leave } = leaving();
  const note = (outcome: Outcome) => void outcomes.push(outcome);
  const handler = wrapHandler(
    async () => {
      new ResponseThen(open([], "a"), note);
      leave();
      throw new Error("its client has left");
    },
    () => host,
    note,
  );
  await expect(handler(GET)).rejects.toThrow("its client has left");
  await settle();
  expect(outcomes.map((outcome) => outcome.type === "canceled" && outcome.released)).toEqual([false, false]);
});

// Its callbacks never ran: the request had no response, and the reading ended after that.
test("what is being read when a request gets no response ends as its reader does", async () => {
  const events: unknown[] = [];
  const exchange = new Exchange({ method: "GET" }, GET);
  exchange.run(() => {
    const response = new ResponseThen(open([], "a"), into(events, "own"));
    const reader = (response.body as ReadableStream).getReader();
    reader.read().then(() => setTimeout(() => reader.cancel(), 50));
  });
  await macrotask();
  exchange.none();
  await settle();
  expect(events).toEqual([["own", "canceled", "pulled", 200, "AbortError"]]);
});

// The inner one took the entry of the outer one away, so a middleware between them handed the response over too early.
test("a middleware around an inner responseThen() can still add a callback", async () => {
  const events: unknown[] = [];
  const app = new Hono();
  app.use(responseThen());
  app.use(async (c, next) => {
    await next();
    onFinished(c, into(events, "between"));
    c.res = new Response(null, { status: 304 });
  });
  app.use(responseThen());
  app.get("/", (c) => c.text("text"));
  await app.request("/");
  await settle();
  expect(events).toEqual([["between", "completed", "handed-over", 304]]);
});

// Only the first of them was given to waitUntil.
test("each callback that is added after the others have settled keeps the platform alive", async () => {
  const waited: Promise<unknown>[] = [];
  const events: string[] = [];
  const response = new ResponseThen("text", () => {}, { waitUntil: (promise) => void waited.push(promise) });
  await response.text();
  await response.finished;
  waited.splice(0);
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 30));
    events.push("slow");
  };
  response.onFinished([() => void events.push("fast"), slow]);
  await Promise.all(waited);
  expect(events).toEqual(["fast", "slow"]);
});

// It was told errored, and with `onCancel: "cancel"` canceled: its client had left.
test("a source that somebody else has locked cannot be consumed: canceled, with the error as its cause", async () => {
  const outcomes: Outcome[] = [];
  const source = open([], "a");
  const response = new ResponseThen(source, (outcome) => void outcomes.push(outcome), { onCancel: "consume" });
  source.getReader();
  await response.body?.cancel();
  await settle();
  expect(outcomes.map((outcome) => outcome.type === "canceled" && (outcome.reason.cause as Error).name)).toEqual([
    "TypeError",
  ]);
});
