import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import type { HostSignals } from "../../../src/exchange/host-signals.ts";
import { type FetchHandler, wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { type Callbacks, type Outcome, ResponseThen } from "../../../src/index.ts";
import type { End } from "../../../src/lifecycle/outcome.ts";
import { outcomeOf } from "../../../src/testing.ts";
import { into, leaveNothingInFlight, settle } from "../../told.ts";

leaveNothingInFlight();

type Answer = Response | Promise<Response>;

const url = "http://localhost/";
const GET = new Request(url);
const HEAD = new Request(url, { method: "HEAD" });
/** How long after the end of what was sent that which was not may still find a reader, in ms. */
const ABANDON = 200;
const platformOf = ({ method }: Request) => ({ method, abandonAfter: ABANDON });

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

/** As Node's server, 20 ms after the hand-over. */
function flushedSoon(listener: (end: End) => void): void {
  setTimeout(() => listener({ type: "completed", observed: "flushed" }), 20);
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

  // Its end is asked for: some time after it what was dropped is told.
  test.for([
    ["a text, where the host tells the last byte", "plain", { flushed: flushedSoon }],
    ["without a body, where the host tells the end", null, { over: (tell: () => void) => void setTimeout(tell, 20) }],
    ["without a body, where the host tells nothing", null, {}],
  ] as const)(
    "passes a plain response through as the very same object where another was dropped: %s",
    async ([, body, host]) => {
      const events: unknown[] = [];
      const plain = new Response(body);
      const sent = await wrapHandler(
        () => {
          new ResponseThen("dropped", into(events, "dropped"));
          return plain;
        },
        (request) => ({ ...platformOf(request), ...host }),
      )(GET);
      expect(sent).toBe(plain);
      expect(await plain.text()).toBe(body ?? "");
      await settle();
      expect(events).toEqual([["dropped", "canceled", "handed-over", 200, "AbandonedError"]]);
    },
  );

  test("watches the body of a plain response where another was dropped, and no host tells its end", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => {
      new ResponseThen("dropped", into(events, "dropped"));
      return new Response("plain", { status: 203, statusText: "Kept", headers: { "x-kept": "yes" } });
    });
    expect([sent.status, sent.statusText, ...sent.headers]).toEqual([
      203,
      "Kept",
      ["content-type", "text/plain;charset=UTF-8"],
      ["x-kept", "yes"],
    ]);
    await new Promise((resolve) => setTimeout(resolve, 2 * ABANDON));
    expect(events).toEqual([]);
    expect(await sent.text()).toBe("plain");
    await settle();
    expect(events).toEqual([["dropped", "canceled", "handed-over", 200, "AbandonedError"]]);
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
  test("runs after every response: a ResponseThen's own callback first, a plain one stays plain", async () => {
    const events: unknown[] = [];
    const own = new ResponseThen("data", into(events, "own"), { status: 201 });
    const first = await answer(() => own, into(events, "shared"));
    expect(first).toBe(own);
    await first.text();
    await own.finished;
    const second = await answer(() => new Response("data", { headers: { "x-kept": "yes" } }), into(events, "shared"));
    expect(second).not.toBeInstanceOf(ResponseThen);
    const outcome = outcomeOf(second);
    expect([second.headers.get("x-kept"), await second.text()]).toEqual(["yes", "data"]);
    expect(await outcome).toMatchObject({ type: "completed", bytes: 4, response: second });
    expect(events).toEqual([
      ["own", "completed", "pulled", 201],
      ["shared", "completed", "pulled", 201],
      ["shared", "completed", "pulled", 200],
    ]);
  });

  // Rule 3: whatever a body is, where the host tells its end nobody needs to watch it.
  const bodies: [string, () => string | ReadableStream | null][] = [
    ["a text", () => "data"],
    ["a stream", () => streamOf(["da", "ta"])],
    ["none", () => null],
  ];
  test.for(bodies)(
    "runs after a plain response that goes out as the very same object, its body %s",
    async ([, body]) => {
      const events: unknown[] = [];
      const plain = new Response(body(), { headers: { "x-kept": "yes" } });
      const wrapped = wrapHandler(
        () => plain,
        ({ method }) => ({ method, flushed: flushedSoon }),
        into(events, "shared"),
      );
      const sent = wrapped(GET);
      expect(sent).toBe(plain);
      expect([plain.bodyUsed, plain.body?.locked ?? false]).toEqual([false, false]);
      expect(await plain.text()).toBe(body() === null ? "" : "data");
      await settle();
      expect(events).toEqual([["shared", "completed", "flushed", 200]]);
    },
  );

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
    "and %s: the error is thrown on, the callback and what was built before are told, and bodies are left alone",
    async ([, fail]) => {
      const events: unknown[] = [];
      let built: ResponseThen | undefined;
      const handler = (): Answer => {
        built = new ResponseThen(streamOf(["a"], events), into(events, "with a body"));
        new ResponseThen(null, into(events, "without"), { status: 204 });
        return fail();
      };
      await expect(answer(handler, into(events, "shared"))).rejects.toBe(failure);
      await settle();
      const told = [
        ["shared", "errored", "handed-over", 500, failure],
        ["with a body", "errored", "handed-over", 200, failure],
        ["without", "errored", "handed-over", 204, failure],
      ];
      expect(events).toEqual(told);
      expect(await built?.text()).toBe("a");
      await settle();
      expect(events).toEqual(told);
    },
  );

  // As a long poll that the failing request has woken: it claims its own some microtasks later.
  test("does not tell of what another request sends", async () => {
    const events: unknown[] = [];
    let give: (response: Response) => void = () => {};
    const poll = answer(
      () =>
        new Promise<Response>((resolve) => {
          give = resolve;
        }),
      into(events, "poll"),
    );
    const failing = answer(
      () => {
        give(new ResponseThen(streamOf(["a"], events), into(events, "given")));
        throw failure;
      },
      into(events, "failing"),
    );
    await expect(failing).rejects.toBe(failure);
    expect(await (await poll).text()).toBe("a");
    await settle();
    expect(events).toEqual([
      ["failing", "errored", "handed-over", 500, failure],
      ["given", "completed", "pulled", 200],
      ["poll", "completed", "pulled", 200],
    ]);
  });

  test("because its client has left is told as canceled, and so is what it built", async () => {
    const events: unknown[] = [];
    const gone = new Error("the client left");
    const wrapped = wrapHandler(
      () => {
        new ResponseThen(streamOf(["a"], events), into(events, "built"));
        throw failure;
      },
      (request) => ({ ...platformOf(request), gone: () => gone }),
      (outcome) =>
        void events.push([outcome.type, outcome.type === "canceled" && outcome.reason, outcome.response.status]),
    );
    expect(() => wrapped(GET)).toThrow(failure);
    await settle();
    expect(events).toEqual([
      ["canceled", expect.objectContaining({ message: gone.message, cause: failure }), 499],
      ["built", "canceled", "handed-over", 200, "Error"],
    ]);
  });

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
  ] as const)("and %s ends what was built, and tells the callback", async ([, handler]) => {
    const events: [unknown, unknown][] = [];
    const tell = (name: string) => (outcome: Outcome) => events.push([name, outcome.type]);
    const wrapped = answer(() => {
      new ResponseThen(null, tell("built"));
      return handler();
    }, tell("shared"));
    await expect(wrapped).rejects.toThrow(/^the handler's answer: expected a Response, got /);
    await settle();
    expect(events).toEqual([
      ["shared", "errored"],
      ["built", "errored"],
    ]);
  });

  // The server's own error, as without us: the callback hears of it from a host that tells the end.
  test("and returns a response that was read already gives it to the server as it is", async () => {
    const events: unknown[] = [];
    const read = new Response("data");
    await read.text();
    const failed = new Error("the server's own");
    const host: Pick<HostSignals, "flushed"> = {
      flushed: (listener) => setTimeout(() => listener({ type: "errored", observed: "flushed", error: failed }), 20),
    };
    const wrapped = wrapHandler(
      () => read,
      (request) => ({ ...platformOf(request), ...host }),
      into(events, "shared"),
    );
    expect(wrapped(GET)).toBe(read);
    expect(await answer(() => read, into(events, "where the host tells nothing"))).toBe(read);
    await settle();
    expect(events).toEqual([
      ["where the host tells nothing", "completed", "handed-over", 200],
      ["shared", "errored", "flushed", 200, failed],
    ]);
  });
});

describe("a response that was dropped on the way out", () => {
  test("is told canceled, AbandonedError, some time after the end of what is sent; its body is left alone", async () => {
    const events: unknown[] = [];
    const outcomes: Outcome[] = [];
    const dropped: Response[] = [];
    const drop = (name: string, body: string | ReadableStream | null, status: number) =>
      dropped.push(new ResponseThen(body, [into(events, name), (told) => void outcomes.push(told)], { status }));
    const sent = await answer(() => {
      drop("fixed", "fixed", 200);
      drop("stream", streamOf(["a"], events), 201);
      drop("null", null, 205);
      return new ResponseThen("sent", into(events, "sent"), { status: 202 });
    });
    // However long it takes to be sent.
    await new Promise((resolve) => setTimeout(resolve, 2 * ABANDON));
    events.push(await sent.text());
    await (sent as ResponseThen).finished;
    const ended = performance.now();
    await Promise.all(dropped.map((response) => (response as ResponseThen).finished));
    // A timer may be up to 1 ms early, and was set when the callbacks of the sent one were dispatched.
    expect(performance.now() - ended).toBeGreaterThanOrEqual(ABANDON - 5);
    expect(events).toEqual([
      "sent",
      ["sent", "completed", "pulled", 202],
      ["fixed", "canceled", "handed-over", 200, "AbandonedError"],
      ["stream", "canceled", "handed-over", 201, "AbandonedError"],
      ["null", "canceled", "handed-over", 205, "AbandonedError"],
    ]);
    expect(outcomes.map((told) => told.type === "canceled" && [told.released, told.phase, told.bytes])).toEqual(
      outcomes.map(() => [false, "before-body", 0]),
    );
    expect(await Promise.all(dropped.map((response) => response.text()))).toEqual(["fixed", "a", ""]);
    await settle();
    expect(events).toHaveLength(5);
  });

  test("and is begun in time ends as its reader does, however late that is", async () => {
    const events: unknown[] = [];
    let dropped: ResponseThen | undefined;
    const sent = await answer(() => {
      dropped = new ResponseThen(streamOf(["ab", "cd"], events), into(events, "dropped"));
      return new Response("sent");
    });
    await sent.text();
    const reader = (dropped as unknown as { body: ReadableStream }).body.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 3 * ABANDON));
    expect(events).toEqual([]);
    events.push(new TextDecoder().decode((await reader.read()).value), (await reader.read()).done);
    await settle();
    expect(events).toEqual(["cd", true, ["dropped", "completed", "pulled", 200]]);
  });

  test("and is sent by another request in time is that one's, with its own callbacks", async () => {
    const events: unknown[] = [];
    let kept: Response | undefined;
    const first = await answer(
      () => {
        kept = new ResponseThen(streamOf(["kept"], events), into(events, "kept"));
        return new Response("first");
      },
      into(events, "first"),
    );
    await first.text();
    await macrotask();
    const second = await answer(() => kept as Response, into(events, "second"));
    await new Promise((resolve) => setTimeout(resolve, 2 * ABANDON));
    expect(events).toEqual([["first", "completed", "pulled", 200]]);
    events.push(await second.text());
    await settle();
    expect(events.slice(1)).toEqual([
      "kept",
      ["kept", "completed", "pulled", 200],
      ["second", "completed", "pulled", 200],
    ]);
  });

  // As by etag(): it reads a clone, and the platform's tee cancels with it, or it reads the response.
  test("for a 304, and was read, ends as completed, with the 304", async () => {
    const events: unknown[] = [];
    const sent = await answer(async () => {
      await new ResponseThen(streamOf(["data"], events), into(events, "own")).text();
      await macrotask();
      return new Response(null, { status: 304 });
    });
    await settle();
    expect([sent.status, ...events]).toEqual([304, ["own", "completed", "handed-over", 304]]);
  });

  // Nothing says that it was made of it: only a head that is the same does, and a 304 has another status.
  test("for a 304, and was not read, is told like what any other answer replaces", async () => {
    const events: unknown[] = [];
    const sent = await answer(() => {
      new ResponseThen(streamOf(["data"], events), into(events, "own"));
      return new Response(null, { status: 304 });
    });
    await settle();
    expect([sent.status, ...events]).toEqual([304, ["own", "canceled", "handed-over", 200, "AbandonedError"]]);
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

  test.for([
    ["a text", (): BodyInit => "data"],
    ["a stream", (): BodyInit => streamOf(["da", "ta"])],
  ] as const)("gives who reads it after the answer all of it, and ends as that: %s", async ([, body]) => {
    const events: unknown[] = [];
    let dropped: Response | undefined;
    const sent = await answer(() => {
      dropped = new ResponseThen(body(), into(events, "dropped"));
      return new Response("sent");
    });
    expect(await dropped?.text()).toBe("data");
    await (dropped as ResponseThen).finished;
    expect(events).toEqual([["dropped", "completed", "pulled", 200]]);
    expect(await sent.text()).toBe("sent");
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

  test("to HEAD ends as completed also where a middleware re-wrapped its body, of which the length is told", async () => {
    const events: unknown[] = [];
    const handler = () => new Response(new ResponseThen("data", into(events, "own")).body, { status: 203 });
    const sent = await answer(handler, undefined, HEAD);
    await settle();
    expect(events).toEqual([["own", "completed", "handed-over", 203]]);
    // By its content: to a HEAD the runtime sends none of it, and a stream would have no length.
    expect([sent.status, await sent.text()]).toEqual([203, "data"]);
    await settle();
    expect(events).toHaveLength(1);
  });

  test("to HEAD ends as completed also where a middleware re-wrapped its stream, which is canceled", async () => {
    const events: unknown[] = [];
    const handler = () =>
      new Response(new ResponseThen(streamOf(["data"], events), into(events, "own")).body, { status: 203 });
    const sent = await answer(handler, undefined, HEAD);
    await settle();
    expect([sent.body, ...events]).toEqual([
      null,
      ["source canceled", "Error: Nobody reads the body of this response"],
      ["own", "completed", "handed-over", 203],
    ]);
  });

  // As new Response(null, response), with which frameworks answer a HEAD.
  test("to HEAD ends as completed also where only its head is sent", async () => {
    const events: unknown[] = [];
    const handler = () => {
      const inner = new ResponseThen(streamOf(["data"], events), into(events, "own"), { headers: { "x-kept": "yes" } });
      return new Response(null, inner);
    };
    await answer(handler, undefined, HEAD);
    await settle();
    expect(events).toEqual([
      ["source canceled", "Error: Nobody reads the body of this response"],
      ["own", "completed", "handed-over", 200],
    ]);
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

describe("what is built while a request is handled", () => {
  test("is never mixed with that of another request, however they interleave", async () => {
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
    const abandoned = ["canceled", "handed-over", 200, "AbandonedError"];
    gates.quick.resolve();
    const sent = await quick;
    await settle();
    expect(events).toEqual([]);
    await sent.text();
    await settle();
    expect(events).toEqual([
      ["quick", "completed", "pulled", 200],
      ["quick dropped early", ...abandoned],
      ["quick dropped late", ...abandoned],
    ]);
    gates.slow.resolve();
    await (await slow).text();
    await settle();
    expect(events.slice(3)).toEqual([
      ["slow", "completed", "pulled", 200],
      ["slow dropped early", ...abandoned],
      ["slow dropped late", ...abandoned],
    ]);
  });

  test("does not count after the answer: what is built then ends by itself", async () => {
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
  ] as const)(
    "in one wrapper in another ends a response %s once, and runs all callbacks once",
    async ([, request, body]) => {
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
    },
  );
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

  test("a request is known to what the handler builds before its first await", async () => {
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

  test("a handler that throws leaves nothing behind", async () => {
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

  test("a body that was re-wrapped is found, though its response knows of no request", async () => {
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
