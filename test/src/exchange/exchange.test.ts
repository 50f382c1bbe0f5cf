import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { type FetchHandler, wrapHandler } from "../../../src/exchange/exchange.ts";
import { READ_ON } from "../../../src/expected.ts";
import { type Callbacks, type Outcome, ResponseThen } from "../../../src/index.ts";
import { into, leaveNothingInFlight, settle } from "../../told.ts";

leaveNothingInFlight();

type Answer = Response | Promise<Response>;

const url = "http://localhost/";
const GET = new Request(url);
const HEAD = new Request(url, { method: "HEAD" });
// What was dropped counts as abandoned when it is still unread after so many ms.
const platformOf = ({ method }: Request) => ({ method, abandonAfter: 200 });

/** Answers by a handler in a wrapper that knows no more than the method. */
async function answer(handler: (request: Request) => Answer, callback?: Callbacks, request = GET): Promise<Response> {
  return wrapHandler(handler, platformOf, callback)(request);
}

/** A stream that gives its chunks one by one, and writes down how it was canceled. */
function streamOf(chunks: string[], events: unknown[] = []): ReadableStream<Uint8Array<ArrayBuffer>> {
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

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe("wrapHandler", () => {
  test("gives the handler and platformOf all arguments, and returns a promise of the response", async () => {
    const events: unknown[] = [];
    const handler = (request: Request, env: { key: string }, more: number) => {
      events.push(["handler", request, env, more]);
      return new Response("plain");
    };
    const wrapped = wrapHandler(handler, (...all) => {
      events.push(["platformOf", ...all]);
      return platformOf(all[0]);
    });
    const env = { key: "value" };
    expect(await (await wrapped(GET, env, 7)).text()).toBe("plain");
    expect(events).toEqual([
      ["platformOf", GET, env, 7],
      ["handler", GET, env, 7],
    ]);
  });

  test("passes a plain response through as the very same object, body and all", async () => {
    const plain = new Response("plain");
    expect(await answer(() => plain)).toBe(plain);
    const empty = new Response(null, { status: 204 });
    expect(await answer(async () => empty)).toBe(empty);
    expect(await answer(() => plain, undefined, HEAD)).toBe(plain);
    expect(await plain.text()).toBe("plain");
  });

  test("passes a plain response through as the very same object where another was dropped", async () => {
    const plain = new Response("plain");
    const sent = await answer(() => {
      new ResponseThen("dropped", () => {});
      return plain;
    });
    expect(sent).toBe(plain);
  });

  test("passes a ResponseThen through as the very same object, and it ends by its body", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen("data", into(events, "own"));
    const sent = await answer(() => response);
    expect(sent).toBe(response);
    await macrotask();
    events.push("handed over");
    expect(await sent.text()).toBe("data");
    await response.finished;
    expect(events).toEqual(["handed over", ["own", "completed", "pulled", 200]]);
  });

  test("throws a TypeError for a callback that is none, when the handler is wrapped", () => {
    expect(() => wrapHandler(() => new Response(), platformOf, "log" as unknown as Callbacks)).toThrow(TypeError);
  });
});

describe("the callback of a wrapped handler", () => {
  test("runs after every response: a ResponseThen's own callback first, a plain one becomes a ResponseThen", async () => {
    const events: unknown[] = [];
    const own = new ResponseThen("data", into(events, "own"), { status: 201 });
    const first = await answer(() => own, into(events, "shared"));
    expect(first).toBe(own);
    await first.text();
    await own.finished;
    const second = await answer(() => new Response("data", { headers: { "x-kept": "yes" } }), into(events, "shared"));
    expect(second).toBeInstanceOf(ResponseThen);
    expect([second.headers.get("x-kept"), await second.text()]).toEqual(["yes", "data"]);
    await (second as ResponseThen).finished;
    expect(events).toEqual([
      ["own", "completed", "pulled", 201],
      ["shared", "completed", "pulled", 201],
      ["shared", "completed", "pulled", 200],
    ]);
  });

  test("runs once for a plain response without a body", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => new Response(null, { status: 204 }), into(events, "shared"));
    expect([sent.status, sent.body]).toEqual([204, null]);
    await settle();
    expect(events).toEqual([["shared", "completed", "handed-over", 204]]);
  });

  test("tells a client that left from one that did not", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => new Response(streamOf(["a", "b"], events)), into(events, "shared"));
    await sent.body?.cancel("gone");
    await settle();
    expect(events).toEqual([
      ["source canceled", "gone"],
      ["shared", "canceled", "pulled", 200, "AbortError"],
    ]);
  });

  // What is no network error for the runtime must not become one of ours.
  test("does not keep Response.error() from the runtime", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => Response.error(), into(events, "shared"));
    expect(sent.type).toBe("error");
  });
});

describe("a handler that fails", () => {
  const failure = new Error("handler failed");

  test.for([
    [
      "throws",
      () => {
        throw failure;
      },
    ],
    [
      "rejects",
      async () => {
        await macrotask();
        throw failure;
      },
    ],
  ] as const)(
    "and %s: the error is thrown on, and the callback and what was built before are told",
    async ([, fail]) => {
      const events: unknown[] = [];
      const handler = (): Answer => {
        new ResponseThen(streamOf(["a"], events), into(events, "with a body"));
        new ResponseThen(null, into(events, "without"), { status: 204 });
        return fail();
      };
      await expect(answer(handler, into(events, "shared"))).rejects.toBe(failure);
      await settle();
      expect(events).toEqual([
        ["source canceled", "Error: Nobody reads the body of this response"],
        ["with a body", "errored", "handed-over", 200, failure],
        ["without", "errored", "handed-over", 204, failure],
        ["shared", "errored", "handed-over", 500, failure],
      ]);
    },
  );

  test("keeps the platform alive for its callback", async () => {
    const promises: Promise<unknown>[] = [];
    const events: unknown[] = [];
    const waitUntil = (promise: Promise<unknown>) => promises.push(promise);
    const wrapped = wrapHandler(
      async () => {
        throw failure;
      },
      ({ method }) => ({ method, waitUntil }),
      async () => {
        await macrotask();
        events.push("callback settles");
      },
    );
    await expect(wrapped(GET)).rejects.toBe(failure);
    // The handler, which the platform would stop when the client leaves, and the callback.
    expect(promises).toHaveLength(2);
    await Promise.all(promises);
    expect(events).toEqual(["callback settles"]);
  });

  // As Rack's lock, which is released also when the application returns garbage.
  test.for([
    ["returns nothing", () => undefined as unknown as Response],
    ["returns a string", () => "data" as unknown as Response],
    [
      "returns a response that was read already",
      async () => {
        const response = new Response("data");
        await response.text();
        return response;
      },
    ],
  ] as const)("and %s ends what was built, and tells the callback", async ([, handler]) => {
    const events: [unknown, unknown][] = [];
    const tell = (name: string) => (outcome: Outcome) => events.push([name, outcome.type]);
    const wrapped = answer(() => {
      new ResponseThen(null, tell("built"));
      return handler();
    }, tell("shared"));
    await wrapped.catch(() => {});
    await settle();
    expect(events).toEqual([
      ["built", "errored"],
      ["shared", "errored"],
    ]);
  });
});

describe("a response that was dropped on the way out", () => {
  test("ends as canceled, AbandonedError, when another was answered and it stays unread", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => {
      new ResponseThen("fixed", into(events, "fixed"));
      new ResponseThen(streamOf(["a"], events), into(events, "stream"), { status: 201 });
      new ResponseThen(null, into(events, "null"), { status: 205 });
      return new ResponseThen("sent", into(events, "sent"), { status: 202 });
    });
    await settle();
    events.push(await sent.text());
    await (sent as ResponseThen).finished;
    expect(events).toEqual([
      ["null", "canceled", "handed-over", 205, "AbandonedError"],
      ["source canceled", `AbandonedError: Nobody began to read the response within 200 ms${READ_ON}`],
      ["fixed", "canceled", "handed-over", 200, "AbandonedError"],
      ["stream", "canceled", "handed-over", 201, "AbandonedError"],
      "sent",
      ["sent", "completed", "pulled", 202],
    ]);
  });

  test("for a 304 ends as completed, with the 304", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => {
      new ResponseThen(streamOf(["data"], events), into(events, "own"));
      return new Response(null, { status: 304 });
    });
    await settle();
    expect([sent.status, ...events]).toEqual([
      304,
      ["source canceled", "Error: Nobody reads the body of this response"],
      ["own", "completed", "handed-over", 304],
    ]);
  });

  // Guards against telling a piped body that nobody reads it.
  test("but piped into the one that is sent ends by its body", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => {
      const inner = new ResponseThen(streamOf(["ab", "cd"], events), into(events, "inner"));
      return new Response((inner.body as ReadableStream).pipeThrough(new TransformStream()));
    });
    await macrotask();
    events.push(await sent.text());
    await settle();
    expect(events).toEqual(["abcd", ["inner", "completed", "pulled", 200]]);
  });

  test("but re-wrapped with its body keeps its callbacks, which are told of the one that is sent", async () => {
    const events: unknown[] = [];
    let sent: Response | undefined;
    const inner = new ResponseThen("data", into(events, "inner"));
    inner.onFinished(({ response }) => events.push(response === sent));
    sent = await answer(
      () => {
        // Built in the scope, so that a body is looked for.
        new ResponseThen(null, () => {});
        return new Response(inner.body, { status: 203 });
      },
      into(events, "shared"),
    );
    events.push(await sent.text());
    await inner.finished;
    expect(events).toEqual([
      "data",
      ["inner", "completed", "pulled", 203],
      true,
      ["shared", "completed", "pulled", 203],
    ]);
  });

  // The source is locked at the first pull only: until then a body that is taken over looks like one that nobody has.
  test.for([
    ["ResponseThen.from", (inner: ResponseThen, outer: Callbacks) => ResponseThen.from(inner, outer)],
    ["new ResponseThen", (inner: ResponseThen, outer: Callbacks) => new ResponseThen(inner.body, outer)],
  ] as const)("but taken over by %s is sent whole, and both are told", async ([, wrap]) => {
    const events: unknown[] = [];
    const sent = await answer(() => wrap(new ResponseThen("data", into(events, "inner")), into(events, "outer")));
    const late = new Promise((resolve) => setTimeout(resolve, 200, "the read never settles"));
    events.push(await Promise.race([sent.text(), late]));
    await settle();
    expect(events).toEqual(["data", ["inner", "completed", "pulled", 200], ["outer", "completed", "pulled", 200]]);
  });

  // A middleware that adds a header re-wraps, and a body of null is not to be found again.
  test("but re-wrapped without a body, as it was, ends as completed", async () => {
    const events: unknown[] = [];
    await answer(() => {
      const inner = new ResponseThen(null, into(events, "inner"), { status: 204 });
      return new Response(inner.body, { status: inner.status, headers: { "x-added": "yes" } });
    });
    await settle();
    expect(events).toEqual([["inner", "completed", "handed-over", 204]]);
  });

  test("does not keep who reads it later waiting for ever", async () => {
    let dropped: Response | undefined;
    await answer(() => {
      dropped = new ResponseThen("data", () => {});
      return new Response("sent");
    });
    const late = new Promise((resolve) => setTimeout(resolve, 200, "the read never settles"));
    const read = dropped?.text().then(
      () => "settles",
      () => "settles",
    );
    expect(await Promise.race([read, late])).toBe("settles");
  });
});

describe("a response that no reader ends", () => {
  test("to HEAD ends when it is handed over; its source is canceled, its head is sent", async () => {
    const events: unknown[] = [];
    const handler = () =>
      new ResponseThen(streamOf(["data"], events), into(events, "own"), {
        status: 203,
        headers: { "content-length": "4" },
      });
    const sent = await answer(handler, into(events, "shared"), HEAD);
    await settle();
    expect([sent.status, sent.headers.get("content-length"), sent.body]).toEqual([203, "4", null]);
    expect(events).toEqual([
      ["source canceled", "Error: Nobody reads the body of this response"],
      ["own", "completed", "handed-over", 203],
      ["shared", "completed", "handed-over", 203],
    ]);
  });

  test("to HEAD ends as completed also where a middleware re-wrapped its body", async () => {
    const events: unknown[] = [];
    const handler = () => new Response(new ResponseThen("data", into(events, "own")).body, { status: 203 });
    const sent = await answer(handler, undefined, HEAD);
    await settle();
    expect([sent.body, ...events]).toEqual([null, ["own", "completed", "handed-over", 203]]);
  });

  // Guards against a timer in the constructor: a handler may take its time between building and answering.
  test("without a body ends when it is handed over, not before, however long the handler takes", async () => {
    const events: unknown[] = [];
    const sent = answer(async () => {
      const response = new ResponseThen(null, into(events, "own"), { status: 204 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push("handler answers");
      return response;
    });
    const response = (await sent) as ResponseThen;
    events.push("handed over");
    expect((await response.finished).duration).toBeGreaterThanOrEqual(45);
    expect(events).toEqual(["handler answers", "handed over", ["own", "completed", "handed-over", 204]]);
  });
});

describe("the scope of a request", () => {
  test("never mixes with that of another request, however they interleave", async () => {
    const events: unknown[] = [];
    const gates = { slow: deferred(), quick: deferred() };
    const handler = async (request: Request) => {
      const name = new URL(request.url).pathname.slice(1) as keyof typeof gates;
      new ResponseThen(null, into(events, `${name} dropped early`));
      await gates[name].promise;
      new ResponseThen(null, into(events, `${name} dropped late`));
      return new ResponseThen(name, into(events, name));
    };
    const wrapped = wrapHandler(handler, platformOf);
    const slow = wrapped(new Request(`${url}slow`));
    const quick = wrapped(new Request(`${url}quick`));
    gates.quick.resolve();
    await quick;
    await settle();
    events.push("the quick one was answered");
    gates.slow.resolve();
    await slow;
    await settle();
    events.push("the slow one was answered");
    await Promise.all([slow, quick].map(async (sent) => (await sent).text()));
    await settle();
    const abandoned = ["canceled", "handed-over", 200, "AbandonedError"];
    expect(events).toEqual([
      ["quick dropped early", ...abandoned],
      ["quick dropped late", ...abandoned],
      "the quick one was answered",
      ["slow dropped early", ...abandoned],
      ["slow dropped late", ...abandoned],
      "the slow one was answered",
      ["slow", "completed", "pulled", 200],
      ["quick", "completed", "pulled", 200],
    ]);
  });

  test("is closed by the answer: what is built after it ends by itself", async () => {
    const events: unknown[] = [];
    const answered = deferred();
    let built: ResponseThen[] = [];
    await answer(() => {
      answered.promise.then(() => {
        built = [new ResponseThen(null, into(events, "null")), new ResponseThen("data", into(events, "fixed"))];
      });
      return new Response("sent");
    });
    answered.resolve();
    await macrotask();
    events.push(await built[1]?.text());
    await settle();
    expect(events).toHaveLength(3);
    expect(events).toEqual(
      expect.arrayContaining([
        "data",
        ["fixed", "completed", "pulled", 200],
        ["null", "completed", "handed-over", 200],
      ]),
    );
  });

  test.for([
    ["with a body", GET, "data"],
    ["with a body, to HEAD", HEAD, "data"],
    ["without a body", GET, null],
  ] as const)("in another scope ends a response %s once, and runs all callbacks once", async ([, request, body]) => {
    const events: unknown[] = [];
    const handler = (): Response => new ResponseThen(body, ({ type }) => events.push(["own", type]));
    const inner = wrapHandler(handler, platformOf, ({ type }) => events.push(["inner", type]));
    const outer = wrapHandler(inner, platformOf, ({ type }) => events.push(["outer", type]));
    const sent = await outer(request);
    await sent.text();
    await settle();
    expect(events).toEqual([
      ["own", "completed"],
      ["inner", "completed"],
      ["outer", "completed"],
    ]);
  });
});

// It was told twice: that the handler threw, and, when the response that never went out was dropped, of that one too.
test("a callback is told once when the hand-over itself fails", async () => {
  const events: unknown[] = [];
  const response = new ResponseThen("data", () => {});
  const carry = () => {
    throw new Error("carry failed");
  };
  const wrapped = wrapHandler(
    async () => response,
    ({ method }) => ({ method, carry }),
    into(events, "wrapper"),
  );
  await expect(wrapped(GET)).rejects.toThrow("carry failed");
  await response.body?.cancel();
  await settle();
  expect(events).toEqual([["wrapper", "errored", "handed-over", 200, new Error("carry failed")]]);
});

describe("a body that is canceled while the request is being answered", () => {
  // It ended as canceled at once, and nobody was told of the 304 that went out.
  test("and replaced by a 304 ends as completed, with the 304", async () => {
    const events: unknown[] = [];
    await answer(async () => {
      await new ResponseThen(streamOf(["a"], events), into(events, "own")).body?.cancel(new Error("etag"));
      await macrotask();
      return new Response(null, { status: 304 });
    });
    await settle();
    expect(events).toEqual([
      ["source canceled", "Error: etag"],
      ["own", "completed", "handed-over", 304],
    ]);
  });

  test("and sent all the same ends as canceled", async () => {
    const events: unknown[] = [];
    await answer(async () => {
      const response = new ResponseThen("data", into(events, "own"));
      await response.body?.cancel();
      await macrotask();
      expect(events).toEqual([]);
      return response;
    });
    await settle();
    expect(events).toEqual([["own", "canceled", "pulled", 200, "AbortError"]]);
  });
});

describe("what an adapter knows of the platform", () => {
  test("waitUntil is called once for a response built without its own, with its finished", async () => {
    const promises: Promise<unknown>[] = [];
    const waitUntil = { waitUntil: (promise: Promise<unknown>) => promises.push(promise) };
    const wrap = (handler: FetchHandler<[]>, callback?: Callbacks) =>
      wrapHandler(handler, ({ method }) => ({ method, waitUntil }), callback);
    const sent = (await wrap(() => new ResponseThen("data", () => {}))(GET)) as ResponseThen;
    expect(promises).toEqual([sent.finished]);
    expect(promises[0]).toBe(sent.finished);
    // In two wrappers, once all the same.
    await (await wrap(wrap(() => new ResponseThen(null, () => {})))(GET)).text();
    expect(promises).toHaveLength(2);
    await (
      await wrap(
        async () => new Response("plain"),
        () => {},
      )(GET)
    ).text();
    // With a callback of the wrapper's also for the handler, which the platform would stop when the client leaves.
    expect(promises).toHaveLength(4);
    await sent.text();
    await Promise.all(promises);
  });

  test("waitUntil is not called for a response with its own, nor for a plain one", async () => {
    const events: string[] = [];
    const wrap = (handler: FetchHandler<[]>) =>
      wrapHandler(handler, ({ method }) => ({ method, waitUntil: () => events.push("platform") }));
    await wrap(() => new ResponseThen(null, () => {}, { waitUntil: () => events.push("own") }))(GET);
    await wrap(() => new Response("plain"))(GET);
    expect(events).toEqual(["own"]);
    await settle();
  });

  test("carry is given the body of a watched response only, and what it makes of it is sent", async () => {
    const events: unknown[] = [];
    const carried = () => {
      events.push("carried");
      return streamOf(["by the platform"]);
    };
    const wrap = (handler: FetchHandler<[]>) => wrapHandler(handler, ({ method }) => ({ method, carry: carried }));
    const watched = new ResponseThen("data", () => {}, { status: 201, headers: { "x-kept": "yes" } });
    const sent = await wrap(() => watched)(GET);
    expect([sent.status, sent.headers.get("x-kept"), await sent.text()]).toEqual([201, "yes", "by the platform"]);
    const plain = new Response("plain");
    expect(await wrap(() => plain)(GET)).toBe(plain);
    await wrap(() => new ResponseThen(null, () => {}))(GET);
    await wrap(() => new ResponseThen("data", () => {}))(HEAD);
    expect(events).toEqual(["carried"]);
    // Nobody read it: what carry was given is its own business.
    await watched.body?.cancel();
  });
});

describe("without AsyncLocalStorage", () => {
  /** The library as a runtime without node:async_hooks loads it. */
  async function loadWithout() {
    vi.resetModules();
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const fresh = await import("../../../src/exchange/index.ts");
    return { ...fresh, ...(await import("../../../src/index.ts")) };
  }

  test("a scope holds for what the handler builds before its first await", async () => {
    const { wrapHandler, ResponseThen, drain } = await loadWithout();
    const events: unknown[] = [];
    const wrapped = wrapHandler(async () => {
      new ResponseThen("early", into(events, "early"));
      await macrotask();
      return new ResponseThen("late", into(events, "late"));
    }, platformOf);
    const sent = await wrapped(GET);
    events.push(await sent.text());
    await drain();
    expect(events).toEqual([
      "late",
      ["late", "completed", "pulled", 200],
      ["early", "canceled", "handed-over", 200, "AbandonedError"],
    ]);
  });

  test("a handler that throws leaves no scope behind", async () => {
    const { wrapHandler, ResponseThen, drain } = await loadWithout();
    const events: unknown[] = [];
    const failing = wrapHandler(() => {
      throw new Error("handler failed");
    }, platformOf);
    expect(() => failing(GET)).toThrow("handler failed");
    new ResponseThen(null, into(events, "outside"));
    await drain({ timeout: 5_000 });
    expect(events).toEqual([["outside", "completed", "handed-over", 200]]);
  });

  test("a body that was re-wrapped is found, though its response was built in no scope", async () => {
    const { wrapHandler, ResponseThen, drain } = await loadWithout();
    const events: unknown[] = [];
    const wrapped = wrapHandler(async () => {
      await macrotask();
      return new Response(new ResponseThen("data", into(events, "own")).body, { status: 203 });
    }, platformOf);
    await wrapped(new Request(url, { method: "HEAD" }));
    await drain({ timeout: 5_000 });
    expect(events).toEqual([["own", "completed", "handed-over", 203]]);
  });
});
