import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { CarriedBody } from "../../src/carried-body.ts";
import type { ResponseBody } from "../../src/content.ts";
import { READ_ON } from "../../src/expected.ts";
import { handOver } from "../../src/hand-over.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";
import { stateOf } from "../../src/late-body.ts";
import type { Platform } from "../../src/platform.ts";
import { openScope, runInScope, SMALL, type Unwatched } from "../../src/scope.ts";
import type { State } from "../../src/state.ts";
import { type FetchHandler, wrapHandler } from "../../src/wrap-handler.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";

leaveNothingInFlight();

type Events = unknown[];

const GET = new Request("http://localhost/");
const HEAD = new Request("http://localhost/", { method: "HEAD" });
const DEFERRED: Unwatched = { limit: Number.POSITIVE_INFINITY, deferred: true };
const ways: readonly [string, Unwatched][] = [
  ["deferred", DEFERRED],
  ["unwatched", SMALL],
];

/** Hands over what a handler builds. */
function answer(build: () => Response, platform: Partial<Platform> = {}, unwatched?: Unwatched): Response {
  const scope = openScope(unwatched);
  return handOver(runInScope(scope, true, build), { method: "GET", ...platform }, scope);
}

function streamOf(chunks: string[], events: Events = []): ReadableStream<Uint8Array<ArrayBuffer>> {
  const queue = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = queue.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
      cancel: (reason) => void events.push(["source canceled", String(reason)]),
    },
    { highWaterMark: 0 },
  );
}

/** Carries a body as an adapter does: piece by piece, by a stream of the platform's own. */
const carrying =
  (events: Events, name = "carried") =>
  (body: CarriedBody) => {
    events.push([name, body.fixed?.byteLength]);
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          const next = await body.next();
          if (next === undefined) return;
          if (!next.done) return controller.enqueue(next.value as Uint8Array<ArrayBuffer>);
          body.complete();
          controller.close();
        },
        cancel: (reason) => body.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  };

describe.for(ways)("a fixed body that nobody asked for (%s)", ([, unwatched]) => {
  test("goes out as that of a plain response, and has ended with that", async () => {
    const events: Events = [];
    const tell = (outcome: Outcome) => events.push([outcome.observed, outcome.bytes, outcome.chunks]);
    const sent = answer(() => new ResponseThen("dätä", tell, { status: 201, headers: { a: "b" } }), {}, unwatched);
    await settle();
    events.push([sent.status, sent.headers.get("a"), sent.headers.get("content-type"), await sent.text()]);
    await settle();
    expect(events).toEqual([
      ["handed-over", 6, 1],
      [201, "b", "text/plain;charset=UTF-8", "dätä"],
    ]);
  });

  test("which is empty has no chunk, and is no missing body", async () => {
    const outcomes: Outcome[] = [];
    const sent = answer(() => new ResponseThen("", (outcome) => outcomes.push(outcome)), {}, unwatched);
    await settle();
    expect(outcomes).toMatchObject([{ type: "completed", bytes: 0, chunks: 0 }]);
    expect(outcomes[0]).not.toHaveProperty("firstByteTime");
    expect(sent.body).not.toBeNull();
  });

  test("goes out with the headers as they are when it is handed over", async () => {
    const sent = answer(
      () => {
        const response = new ResponseThen("data", () => {}, { headers: { a: "b" } });
        response.headers.set("a", "c");
        response.headers.set("content-type", "x/y");
        return response;
      },
      {},
      unwatched,
    );
    expect([...sent.headers]).toEqual([
      ["a", "c"],
      ["content-type", "x/y"],
    ]);
  });

  test("to a HEAD goes out too: the runtime tells its length, and sends none of it", async () => {
    const events: Events = [];
    const tell = (outcome: Outcome) => events.push([outcome.type, outcome.observed, outcome.bytes]);
    const sent = answer(() => new ResponseThen("data", tell), { method: "HEAD" }, unwatched);
    await settle();
    expect([events, await sent.text()]).toEqual([[["completed", "handed-over", 0]], "data"]);
  });

  test("whose client is known to have left is canceled, before the body", async () => {
    const outcomes: Outcome[] = [];
    const gone = () => new Error("left");
    answer(() => new ResponseThen("data", (outcome) => outcomes.push(outcome)), { gone }, unwatched);
    await settle();
    expect(outcomes).toMatchObject([
      { type: "canceled", observed: "handed-over", phase: "before-body", bytes: 0, reason: { message: "left" } },
    ]);
  });

  test("is told to the outcome with the response that the handler gave, head and all", async () => {
    const responses: Response[] = [];
    const response = () => new ResponseThen("data", (outcome) => responses.push(outcome.response), { status: 203 });
    answer(response, {}, unwatched);
    await settle();
    expect(responses.map(({ status }) => status)).toEqual([203]);
  });
});

describe.for(ways)("a fixed body that a middleware asked for (%s)", ([, unwatched]) => {
  test("and did not read goes out as that of a plain response all the same", async () => {
    const events: Events = [];
    const sent = answer(
      () => {
        const response = new ResponseThen("data", into(events, "own"));
        expect(response.body).not.toBeNull();
        return response;
      },
      {},
      unwatched,
    );
    await settle();
    events.push(await sent.text());
    await settle();
    expect(events).toEqual([["own", "completed", "handed-over", 200], "data"]);
  });

  test("and re-wrapped goes out with the new head, which the outcome has", async () => {
    const events: Events = [];
    const sent = answer(
      () => {
        const response = new ResponseThen("data", into(events, "own"), { headers: { a: "b" } });
        return new Response(response.body, { status: 203, headers: response.headers });
      },
      {},
      unwatched,
    );
    events.push([sent.status, sent.headers.get("a"), await sent.text()]);
    await settle();
    expect(events).toContainEqual([203, "b", "data"]);
    expect(events).toContainEqual(["own", "completed", "handed-over", 203]);
  });

  // The content-type of a text came back.
  test("and re-wrapped with other headers goes out with these and no others", () => {
    const wrap = () => new Response(new ResponseThen("data", () => {}).body, { headers: { a: "b" } });
    expect([...answer(wrap, {}, unwatched).headers]).toEqual([["a", "b"]]);
  });

  test("and goes on to hold is nobody's concern any more: what becomes of it does not end the response", async () => {
    const events: Events = [];
    let tell = () => {};
    const flushed = (listener: () => void) => {
      tell = listener;
    };
    const held: (ReadableStream | null)[] = [];
    const sent = answer(
      () => {
        const response = new ResponseThen("data", into(events, "own"));
        held.push(response.body);
        return response;
      },
      { flushed },
      unwatched,
    );
    await held[0]?.cancel(new Error("by the middleware"));
    await new ResponseThen(null, () => {}).finished;
    events.push(await sent.text());
    tell();
    await settle();
    expect(events).toEqual(["data", ["own", "completed", "flushed", 200]]);
  });

  test("and began to read is watched to its end", async () => {
    const events: Events = [];
    const response = await runInScope(openScope(unwatched), true, async () => {
      const response = new ResponseThen("a".repeat(60_000), into(events, "own"));
      const reader = response.body?.getReader();
      const first = await reader?.read();
      reader?.releaseLock();
      events.push(first?.value?.byteLength);
      return response;
    });
    const sent = handOver(response, { method: "GET" }, openScope(unwatched));
    const rest = sent.body?.getReader();
    events.push((await rest?.read())?.done);
    await settle();
    expect(events).toEqual([60_000, true, ["own", "completed", "pulled", 200]]);
  });
});

describe("a fixed body that is longer than the platform takes unwatched", () => {
  test("is watched, and ends when it is pulled", async () => {
    const events: Events = [];
    const sent = answer(() => new ResponseThen("a".repeat(65_537), into(events, "own")), {}, SMALL);
    await macrotask();
    events.push((await sent.text()).length);
    await settle();
    expect(events).toEqual([65_537, ["own", "completed", "pulled", 200]]);
  });

  test("goes out to a HEAD as it is: the runtime tells its length", async () => {
    const sent = answer(() => new ResponseThen("a".repeat(65_537), () => {}), { method: "HEAD" }, SMALL);
    expect((await sent.text()).length).toBe(65_537);
  });
});

describe("a body of a stream", () => {
  test("to a HEAD is released, and nobody may read the rest: none is sent", async () => {
    const events: Events = [];
    const sent = answer(() => new ResponseThen(streamOf(["a"], events), into(events, "own")), { method: "HEAD" });
    await settle();
    expect([sent.body, ...events]).toEqual([
      null,
      ["source canceled", "Error: Nobody reads the body of this response"],
      ["own", "completed", "handed-over", 200],
    ]);
  });

  // It ended the process: Node 24 and 26 fail by themselves where the body of FormData is canceled. (A plain response to a
  // HEAD cancels none.)
  test("of FormData, to a HEAD, leaves no rejection behind", async () => {
    const rejections: unknown[] = [];
    const collect = (reason: unknown) => rejections.push(reason);
    const others = process.rawListeners("unhandledRejection") as ((reason: unknown) => void)[];
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", collect);
    try {
      const form = new FormData();
      form.set("name", "value");
      answer(() => new ResponseThen(form, () => {}), { method: "HEAD" });
      await settle();
    } finally {
      process.off("unhandledRejection", collect);
      for (const other of others) process.on("unhandledRejection", other);
    }
    expect(rejections).toEqual([]);
  });

  test("whose client is known to have left is canceled with that reason, and none is sent", async () => {
    const events: Events = [];
    const gone = () => new Error("left");
    const sent = answer(() => new ResponseThen(streamOf(["a"], events), into(events, "own")), { gone });
    await settle();
    expect([sent.body, ...events]).toEqual([
      null,
      ["source canceled", "Error: left"],
      ["own", "canceled", "handed-over", 200, "Error"],
    ]);
  });

  test("is abandoned where nobody begins to read it within the platform's time, and only there", async () => {
    const events: Events = [];
    answer(() => new ResponseThen(streamOf(["a"], events), into(events, "unread")), { readWithin: 20 });
    const read = answer(() => new ResponseThen(streamOf(["a"]), into(events, "read")), { readWithin: 20 });
    const reader = read.body?.getReader();
    await reader?.read();
    await settle();
    events.push((await reader?.read())?.done);
    await settle();
    const reason = `AbandonedError: Nobody began to read the response within 20 ms${READ_ON}`;
    expect(events).toEqual([
      ["source canceled", reason],
      ["unread", "canceled", "handed-over", 200, "AbandonedError"],
      true,
      ["read", "completed", "pulled", 200],
    ]);
  });

  test("and a response without one is canceled too where its client is known to have left", async () => {
    const events: Events = [];
    answer(() => new ResponseThen(null, into(events, "own"), { status: 204 }), { gone: () => "left" });
    await settle();
    expect(events).toEqual([["own", "canceled", "handed-over", 204, "AbortError"]]);
  });
});

describe("what a framework answered because its handler threw", () => {
  test("leaves errored what was built before, with that error, and ends itself as ever", async () => {
    const events: Events = [];
    const failure = new Error("handler failed");
    const scope = openScope();
    const response = runInScope(scope, true, () => {
      new ResponseThen(streamOf(["a"], events), into(events, "dropped"));
      new ResponseThen(null, into(events, "dropped too"));
      return new ResponseThen("Internal Server Error", into(events, "sent"), { status: 500 });
    });
    const sent = handOver(response, { method: "GET" }, scope, failure);
    await sent.text();
    await settle();
    expect(events).toEqual([
      ["source canceled", "Error: Nobody reads the body of this response"],
      ["dropped", "errored", "handed-over", 200, failure],
      ["dropped too", "errored", "handed-over", 200, failure],
      ["sent", "completed", "pulled", 500],
    ]);
  });
});

describe("a wrapped handler in another", () => {
  const wrap = (handler: FetchHandler<[]>, platform: Partial<Platform>, ...callback: [((o: Outcome) => void)?]) =>
    wrapHandler(handler, ({ method }) => ({ method, ...platform }), ...callback);

  // The outer one left the body alone: behind a Hono app of an older workerd nobody saw that the client had left.
  test.for<[string, () => ResponseBody, number?]>([
    ["a stream", () => streamOf(["da", "ta"])],
    ["bytes", () => new TextEncoder().encode("data"), 4],
    ["a string", () => "data", 4],
  ])("carries %s that the inner one could not, once, to one outcome", async ([, body, length]) => {
    const events: Events = [];
    const inner = wrap(() => new ResponseThen(body(), into(events, "own")), {}, into(events, "inner"));
    const outer = wrap(inner, { carry: carrying(events) }, into(events, "outer"));
    events.push(await (await outer(GET)).text());
    await settle();
    expect(events).toEqual([
      ["carried", length],
      "data",
      ["own", "completed", "pulled", 200],
      ["inner", "completed", "pulled", 200],
      ["outer", "completed", "pulled", 200],
    ]);
  });

  test("carries what a middleware between them re-wrapped, and the outcome has that one's head", async () => {
    const events: Events = [];
    const inner = wrap(() => new ResponseThen(streamOf(["data"]), into(events, "own")), {});
    const between: FetchHandler<[]> = async (request) => {
      const { body } = await inner(request);
      return new Response(body, { status: 203 });
    };
    const sent = await wrap(between, { carry: carrying(events) })(GET);
    events.push(await sent.text());
    await settle();
    expect(events).toEqual([["carried", undefined], "data", ["own", "completed", "pulled", 203]]);
  });

  test("tells the cancel of what it carries to the source, once", async () => {
    const events: Events = [];
    const inner = wrap(() => new ResponseThen(streamOf(["da", "ta"], events), into(events, "own")), {});
    const sent = await wrap(inner, { carry: carrying(events) })(GET);
    const reader = sent.body?.getReader();
    await reader?.read();
    await reader?.cancel(new Error("left"));
    await settle();
    expect(events).toEqual([
      ["carried", undefined],
      ["source canceled", "Error: left"],
      ["own", "canceled", "pulled", 200, "Error"],
    ]);
  });

  test("does not carry again what the inner one carried", async () => {
    const events: Events = [];
    const inner = wrap(() => new ResponseThen(streamOf(["data"]), into(events, "own")), {
      carry: carrying(events, "carried by the inner"),
    });
    const outer = wrap(inner, { carry: carrying(events, "carried by the outer") }, into(events, "outer"));
    events.push(await (await outer(GET)).text());
    await settle();
    expect(events).toEqual([
      ["carried by the inner", undefined],
      "data",
      ["own", "completed", "pulled", 200],
      ["outer", "completed", "pulled", 200],
    ]);
  });

  test("carries what the inner one's platform left to be a stream", async () => {
    const events: Events = [];
    const leave = () => void events.push("left as it is");
    const inner = wrap(() => new ResponseThen(streamOf(["data"]), into(events, "own")), { carry: leave });
    events.push(await (await wrap(inner, { carry: carrying(events) })(GET)).text());
    await settle();
    expect(events).toEqual(["left as it is", ["carried", undefined], "data", ["own", "completed", "pulled", 200]]);
  });

  test("carries nothing of a HEAD, of a response without a body, and of one that is being read", async () => {
    const events: Events = [];
    const through = async (handler: FetchHandler<[]>, request = GET) =>
      wrap(wrap(handler, {}), { carry: carrying(events) })(request);
    await through(() => new ResponseThen(streamOf(["data"]), () => {}), HEAD);
    await through(() => new ResponseThen(null, () => {}));
    let reader: ReadableStreamDefaultReader | undefined;
    const locked = new ResponseThen(streamOf(["data"]), () => {});
    await through(() => {
      reader = locked.body?.getReader();
      return locked;
    });
    expect(events).toEqual([]);
    await reader?.cancel();
  });

  test.for(ways)("hears once of what the inner one sent unwatched (%s)", async ([, unwatched]) => {
    const events: Events = [];
    const inner = wrap(() => new ResponseThen("data", into(events, "own")), { unwatched }, into(events, "inner"));
    const outer = wrap(inner, { unwatched, carry: carrying(events) }, into(events, "outer"));
    const sent = await outer(GET);
    events.push(await sent.text());
    await settle();
    expect(events).toEqual([
      "data",
      ["own", "completed", "handed-over", 200],
      ["inner", "completed", "handed-over", 200],
      ["outer", "completed", "handed-over", 200],
    ]);
  });

  test("asks one waitUntil, the inner one's, to keep the platform alive", async () => {
    const events: Events = [];
    const lease = (name: string) => ({ waitUntil: () => void events.push(name) });
    const inner = wrap(() => new ResponseThen("data", () => {}), lease("inner"));
    await (await wrap(inner, lease("outer"))(GET)).text();
    await settle();
    expect(events).toEqual(["inner"]);
  });
});

describe("a platform's carry", () => {
  test("gets next, complete and cancel of the body; after a cancel next is undefined, and complete says nothing", async () => {
    const events: Events = [];
    let body: CarriedBody | undefined;
    const carry = (carried: CarriedBody) => {
      body = carried;
      return streamOf([]);
    };
    answer(() => new ResponseThen(new ReadableStream(), into(events, "own")), { carry });
    const pending = body?.next();
    body?.cancel(new Error("left"));
    expect(await pending).toBeUndefined();
    body?.complete();
    await settle();
    expect(events).toEqual([["own", "canceled", "pulled", 200, "Error"]]);
  });

  test("says by itself which moment it saw", async () => {
    const events: Events = [];
    const carry = ({ fixed, complete }: CarriedBody) => {
      complete("handed-over");
      return fixed;
    };
    const sent = answer(() => new ResponseThen("data", into(events, "own")), { carry });
    events.push(await sent.text());
    await settle();
    expect(events).toEqual(["data", ["own", "completed", "handed-over", 200]]);
  });

  test("sees the error of the source, which the outcome has", async () => {
    const events: Events = [];
    const failure = new Error("source failed");
    const source = new ReadableStream({
      pull: () => {
        throw failure;
      },
    });
    const sent = answer(() => new ResponseThen(source, into(events, "own")), { carry: carrying(events) });
    await expect(sent.text()).rejects.toThrow(failure);
    await settle();
    expect(events).toEqual([
      ["carried", undefined],
      ["own", "errored", "pulled", 200, failure],
    ]);
  });
});

describe.for(["Bun", "Deno"])("on %s", (runtime) => {
  /** The library as it is loaded there. */
  async function load() {
    vi.resetModules();
    vi.stubGlobal(runtime, {});
    try {
      return { ...(await import("../../src/for-adapters.ts")), ...(await import("../../src/index.ts")) };
    } finally {
      vi.unstubAllGlobals();
    }
  }

  // Of a body of null they would tell that its length is 0.
  test("a HEAD for a stream is answered with an empty stream, or with null beside a content-length", async () => {
    const { handOver, openScope, ResponseThen } = await load();
    const head = (init: ResponseInit) => {
      const response = new ResponseThen(streamOf(["data"]), () => {}, init);
      return handOver(response, { method: "HEAD" }, openScope());
    };
    const [stream, none] = [head({}), head({ headers: { "content-length": "4" } })];
    expect([stream.body instanceof ReadableStream, await stream.text(), none.body]).toEqual([true, "", null]);
  });

  // A body that was looked at is sent differently there.
  test("the body of a plain response is looked at only where it may be one of ours", async () => {
    const { handOver, openScope, ResponseThen, runInScope } = await load();
    const looks = (ask: boolean) => {
      const plain = new Response("plain");
      const body = vi.spyOn(plain, "body", "get");
      const scope = openScope();
      runInScope(scope, true, () => {
        const dropped = new ResponseThen(null, () => {});
        if (ask) expect(dropped.body).toBeNull();
      });
      expect(handOver(plain, { method: "GET" }, scope)).toBe(plain);
      return body.mock.calls.length > 0;
    };
    expect([looks(false), looks(true)]).toEqual([false, true]);
  });
});

test("a state that was handed over has nothing fixed any more: it may be long", () => {
  const response = runInScope(openScope(DEFERRED), true, () => new ResponseThen("data", () => {}));
  const state = stateOf(response) as State;
  expect(state.fixed).toBe("data");
  handOver(response, { method: "GET" }, { ...openScope(DEFERRED), built: [state] });
  expect([state.fixed, state.handedOver]).toEqual([undefined, true]);
});
