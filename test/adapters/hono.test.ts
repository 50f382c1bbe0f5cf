import { setImmediate as macrotask } from "node:timers/promises";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { HTTPException } from "hono/http-exception";
import { describe, expect, test, vi } from "vitest";
import {
  type Callbacks,
  drain,
  onFinished,
  ResponseThen,
  type ResponseThenOptions,
  responseThen,
} from "../../adapters/hono.ts";
import { withResponseThen } from "../../adapters/node.ts";
import { READ_ON } from "../../src/expected.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";

leaveNothingInFlight();

const HEAD = { method: "HEAD" };

/** Waits also for what was not sent, which is told 5 s after the end of what was. */
const settleAll = () => drain({ timeout: 10_000 });

describe("responseThen", () => {
  test("with a callback runs it after the body was read, and sends a plain response as a plain one", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", (c) => c.text("Hello", 201, { "x-kept": "yes" }));
    const response = await app.request("/");
    await macrotask();
    events.push("handed over");
    expect(Object.getPrototypeOf(response)).toBe(Response.prototype);
    expect([response.status, response.headers.get("x-kept"), response.headers.get("content-type")]).toEqual([
      201,
      "yes",
      "text/plain; charset=UTF-8",
    ]);
    events.push(await response.text());
    await settle();
    expect(events).toEqual(["handed over", "Hello", ["middleware", "completed", "pulled", 201]]);
  });

  test("without a callback leaves a plain response what it is", async () => {
    const plain = new Response("plain");
    const app = new Hono();
    app.use(responseThen());
    app.get("/", () => plain);
    expect(await app.request("/")).toBe(plain);
  });

  test("without a callback leaves a ResponseThen what it is: its class, its headers, its callback", async () => {
    const events: unknown[] = [];
    const own = new ResponseThen("data", into(events, "own"), { status: 202, headers: { "x-kept": "yes" } });
    const app = new Hono();
    app.use(responseThen());
    app.get("/", () => own);
    const response = await app.request("/");
    expect(response).toBe(own);
    expect([response.status, response.headers.get("x-kept"), await response.text()]).toEqual([202, "yes", "data"]);
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 202]]);
  });

  test("keeps several cookies apart, and sends no header twice", async () => {
    const app = new Hono();
    app.use(responseThen(() => {}));
    app.get("/", (c) => {
      c.header("set-cookie", "a=1", { append: true });
      c.header("set-cookie", "b=2", { append: true });
      c.header("x-once", "1");
      return c.text("Hello");
    });
    const response = await app.request("/");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("x-once")).toBe("1");
    await response.text();
  });

  test("tells of a client that left", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", (c) => c.body(new ReadableStream({ cancel: (reason) => void events.push(["source", reason]) })));
    await (await app.request("/")).body?.cancel("gone");
    await settle();
    expect(events).toEqual([
      ["source", "gone"],
      ["middleware", "canceled", "pulled", 200, "AbortError"],
    ]);
  });

  test("runs its callback for a not-found", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.notFound((c) => c.text("not here", 404));
    app.get("/in-handler", (c) => c.notFound());
    for (const path of ["/nowhere", "/in-handler"]) {
      events.push(await (await app.request(path)).text());
      await settle();
    }
    const told = ["middleware", "completed", "pulled", 404];
    expect(events).toEqual(["not here", told, "not here", told]);
  });

  test("runs its callback for redirects and bodies of null, when they are handed over", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/redirect", (c) => c.redirect("/elsewhere"));
    app.get("/null", (c) => c.body(null, 204));
    const redirect = await app.request("/redirect");
    expect([redirect.status, redirect.headers.get("location")]).toEqual([302, "/elsewhere"]);
    await settle();
    expect((await app.request("/null")).body).toBe(null);
    await settle();
    expect(events).toEqual([
      ["middleware", "completed", "handed-over", 302],
      ["middleware", "completed", "handed-over", 204],
    ]);
  });

  test("ends the answer to a HEAD, which Hono never reads", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/plain", (c) => c.text("Hello"));
    app.get("/own", () => new ResponseThen("data", into(events, "own"), { status: 203 }));
    for (const path of ["/plain", "/own"]) {
      const response = await app.request(path, HEAD);
      events.push([response.status, response.body]);
      await settle();
    }
    expect(events).toEqual([
      [200, null],
      ["middleware", "completed", "handed-over", 200],
      [203, null],
      ["own", "completed", "handed-over", 203],
      ["middleware", "completed", "handed-over", 203],
    ]);
  });

  test("without a body ends when it is handed over, not before, however long the handler takes", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen());
    app.get("/", async () => {
      const response = new ResponseThen(null, into(events, "own"), { status: 204 });
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push("handler answers");
      return response;
    });
    await app.request("/");
    await settle();
    expect(events).toEqual(["handler answers", ["own", "completed", "handed-over", 204]]);
  });

  test("ends what a handler built and dropped, but not at once", async () => {
    const events: unknown[] = [];
    const dropped: Response[] = [];
    const app = new Hono();
    app.use(responseThen());
    app.get("/", (c) => {
      dropped.push(new ResponseThen(null, into(events, "dropped"), { status: 204 }));
      dropped.push(new ResponseThen("data", into(events, "dropped too")));
      return c.text("Hello");
    });
    await (await app.request("/")).text();
    await settle();
    expect(events).toEqual([]);
    await settleAll();
    // Its body is left to whoever may still read it.
    expect(await dropped[1]?.text()).toBe("data");
    expect(events).toEqual([
      ["dropped", "canceled", "handed-over", 204, "AbandonedError"],
      ["dropped too", "canceled", "handed-over", 200, "AbandonedError"],
    ]);
  });

  test("runs the callbacks of two middlewares once each: the outer one's first", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "outer")));
    app.use(responseThen(into(events, "inner")));
    app.get("/", () => new ResponseThen("data", into(events, "own")));
    await (await app.request("/")).text();
    await settle();
    const told = ["completed", "pulled", 200];
    expect(events).toEqual([
      ["own", ...told],
      ["outer", ...told],
      ["inner", ...told],
    ]);
  });

  test("never mixes two requests", async () => {
    const events: unknown[] = [];
    const opens: (() => void)[] = [];
    const app = new Hono();
    app.use(responseThen());
    app.get("/:name", async (c) => {
      const { name } = c.req.param();
      onFinished(c, into(events, name));
      new ResponseThen(null, into(events, `${name} dropped`));
      await new Promise<void>((resolve) => opens.push(resolve));
      return c.text(name);
    });
    const [slow, quick] = [app.request("/slow"), app.request("/quick")];
    await vi.waitUntil(() => opens.length === 2, { timeout: 15_000 });
    opens[1]?.();
    await (await quick).text();
    await settle();
    events.push("the quick one is over");
    opens[0]?.();
    await (await slow).text();
    await settleAll();
    expect(events).toEqual([
      ["quick", "completed", "pulled", 200],
      "the quick one is over",
      ["slow", "completed", "pulled", 200],
      ["quick dropped", "canceled", "handed-over", 200, "AbandonedError"],
      ["slow dropped", "canceled", "handed-over", 200, "AbandonedError"],
    ]);
  });

  test.for([
    ["callback", () => responseThen("log" as unknown as Callbacks), TypeError],
    ["callback object", () => responseThen({} as Callbacks), TypeError],
    ["option", () => responseThen(() => {}, { timeout: -1 }), RangeError],
    ["waitUntil", () => responseThen(() => {}, { waitUntil: 5 } as unknown as ResponseThenOptions), TypeError],
  ] as const)("throws for a bad %s when the middleware is created", ([, create, Type]) => {
    expect(create).toThrow(Type);
  });
});

describe("a handler that throws", () => {
  const failure = new Error("handler failed");

  test("ends what it built as errored; its callbacks are told of the answer of app.onError", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.onError((error, c) => c.text(error.message, 500));
    app.get("/", (c) => {
      onFinished(c, into(events, "handler"));
      new ResponseThen("built", into(events, "built"));
      throw failure;
    });
    const response = await app.request("/");
    expect([response.status, await response.text()]).toEqual([500, "handler failed"]);
    await settle();
    expect(events).toEqual([
      ["middleware", "completed", "pulled", 500],
      ["handler", "completed", "pulled", 500],
      ["built", "errored", "handed-over", 200, failure],
    ]);
  });

  test("without app.onError is told of Hono's own answer", async () => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", () => Promise.reject(failure));
    expect(await (await app.request("/")).text()).toBe("Internal Server Error");
    await settle();
    expect(events).toEqual([["middleware", "completed", "pulled", 500]]);
    expect(log.mock.calls).toEqual([[failure]]);
  });

  test("an HTTPException is told of the response that it makes", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/message", () => {
      throw new HTTPException(403, { message: "no entry" });
    });
    app.get("/response", () => {
      const res = new ResponseThen("slow down", into(events, "own"), { status: 429, headers: { "retry-after": "5" } });
      throw new HTTPException(429, { res });
    });
    events.push(await (await app.request("/message")).text());
    await settle();
    const response = await app.request("/response");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "5"]);
    events.push(await response.text());
    await settle();
    expect(events).toEqual([
      "no entry",
      ["middleware", "completed", "pulled", 403],
      "slow down",
      ["own", "completed", "pulled", 429],
      ["middleware", "completed", "pulled", 429],
    ]);
  });

  // Hono answers errors only; what is none it throws on, to the runtime.
  test("what is no Error reaches the runtime, and all callbacks are told of it", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", (c) => {
      onFinished(c, into(events, "handler"));
      new ResponseThen("built", into(events, "built"));
      throw "a string";
    });
    await expect(app.request("/")).rejects.toBe("a string");
    await settle();
    expect(events).toEqual([
      ["middleware", "errored", "handed-over", 500, "a string"],
      ["handler", "errored", "handed-over", 500, "a string"],
      ["built", "errored", "handed-over", 200, "a string"],
    ]);
  });
});

describe("a middleware inside", () => {
  /** An app whose handler answers with a ResponseThen, and with a middleware that changes it on its way out. */
  function appWith(change: (c: Context) => unknown, events: unknown[], body: string | null = "data", status = 200) {
    const app = new Hono();
    app.use("/", responseThen(into(events, "middleware")));
    app.use("/bare", responseThen());
    app.use("/told", responseThen());
    app.use(async (c, next) => {
      await next();
      await change(c);
    });
    for (const path of ["/", "/bare"]) {
      app.get(path, () => new ResponseThen(body, into(events, "own"), { status, headers: { "x-kept": "yes" } }));
    }
    return app;
  }

  const addHeader = (c: Context) => c.header("x-added", "yes");
  const rewrap = (c: Context) => {
    c.res = new Response(c.res.body, c.res);
  };

  test.for([
    ["c.header() after next", addHeader],
    ["c.res = new Response(c.res.body, c.res)", rewrap],
  ] as const)("keeps the callbacks with %s, which are told of the response that is sent", async ([, change]) => {
    const events: unknown[] = [];
    const sent: unknown[] = [];
    const app = appWith(change, events);
    app.get("/told", () => new ResponseThen("data", ({ response }) => sent.push(response)));
    const response = await app.request("/");
    expect([response.headers.get("x-kept"), await response.text()]).toEqual(["yes", "data"]);
    const told = await app.request("/told");
    await told.text();
    await settle();
    const completed = ["completed", "pulled", 200];
    expect(events).toEqual([
      ["own", ...completed],
      ["middleware", ...completed],
    ]);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toBe(told);
  });

  test("may add a header, which is sent", async () => {
    const response = await appWith(addHeader, []).request("/");
    expect([response.headers.get("x-added"), response.headers.get("x-kept")]).toEqual(["yes", "yes"]);
    await response.text();
  });

  test.for([
    ["c.header() after next", addHeader],
    ["c.res = new Response(c.res.body, c.res)", rewrap],
  ] as const)("keeps the callbacks of an answer to HEAD with %s", async ([, change]) => {
    const events: unknown[] = [];
    await appWith(change, events).request("/", HEAD);
    await settle();
    expect(events).toEqual([
      ["own", "completed", "handed-over", 200],
      ["middleware", "completed", "handed-over", 200],
    ]);
  });

  // A body of null is not to be found again after it was re-wrapped; c.header() after next re-wraps.
  test.for([
    ["c.header() after next", addHeader],
    ["c.res = new Response(c.res.body, c.res)", rewrap],
  ] as const)("lets a response without a body end as completed with %s", async ([, change]) => {
    const events: unknown[] = [];
    await appWith(change, events, null, 204).request("/");
    await settle();
    expect(events).toHaveLength(2);
    expect(events).toEqual(
      expect.arrayContaining([
        ["own", "completed", "handed-over", 204],
        ["middleware", "completed", "handed-over", 204],
      ]),
    );
  });

  test.for([
    ["c.header() after next", addHeader],
    ["c.res = new Response(c.res.body, c.res)", rewrap],
  ] as const)("lets it end as completed with %s also where responseThen has no callback", async ([, change]) => {
    const events: unknown[] = [];
    await appWith(change, events, null, 204).request("/bare");
    await settle();
    expect(events).toEqual([["own", "completed", "handed-over", 204]]);
  });

  test("may send another response in place of it, unread, which is then told as not sent", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.use(async (c, next) => {
      await next();
      c.res = new Response(null, { status: 304 });
    });
    // Somebody may still read it, and so it is not collected.
    let own: ResponseThen | undefined;
    app.get("/", () => {
      own = new ResponseThen("data", into(events, "own"));
      return own;
    });
    expect((await app.request("/")).status).toBe(304);
    await settle();
    const sent = ["middleware", "completed", "handed-over", 304];
    expect(events).toEqual([sent]);
    await settleAll();
    expect(events).toEqual([sent, ["own", "canceled", "handed-over", 200, "AbandonedError"]]);
    expect(await own?.text()).toBe("data");
  });

  test("may send another response in place of it that is made of what it has read, and it ends as that", async () => {
    const events: unknown[] = [];
    const app = appWith(async (c) => {
      c.res = new Response(`more ${await c.res.text()}`, { status: 202 });
    }, events);
    events.push(await (await app.request("/")).text());
    await settle();
    expect(events).toEqual([
      "more data",
      ["middleware", "completed", "pulled", 202],
      ["own", "completed", "pulled", 202],
    ]);
  });

  test("may send a clone of it, which is the response", async () => {
    const events: unknown[] = [];
    const app = appWith((c) => {
      const copy = c.res.clone();
      c.res = undefined;
      c.res = copy;
    }, events);
    events.push(await (await app.request("/")).text());
    await settle();
    expect(events).toEqual(["data", ["own", "completed", "pulled", 200], ["middleware", "completed", "pulled", 200]]);
  });

  test("may read a clone of it, which ends nothing", async () => {
    const events: unknown[] = [];
    const app = appWith(async (c) => {
      events.push(await c.res.clone().text());
      await macrotask();
    }, events);
    const response = await app.request("/");
    await settle();
    events.push("handed over", await response.text());
    await settle();
    const told = ["completed", "pulled", 200];
    expect(events).toEqual(["data", "handed over", "data", ["own", ...told], ["middleware", ...told]]);
  });
});

describe("in a wrapped handler", () => {
  const stream = () =>
    new ReadableStream<Uint8Array<ArrayBuffer>>({ pull: (controller) => controller.enqueue(new Uint8Array(1_000)) });

  function wrapped(events: unknown[]) {
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", () => new ResponseThen(stream(), into(events, "own"), { headers: { "x-kept": "yes" } }));
    return withResponseThen((request) => app.fetch(request), into(events, "wrapped"));
  }

  test("tells all callbacks of what the wrapped handler sends", async () => {
    const events: unknown[] = [];
    const response = await wrapped(events)(new Request("http://localhost/"));
    await response.body?.cancel();
    await settle();
    const told = ["canceled", "pulled", 200, "AbortError"];
    expect(events).toEqual([
      ["own", ...told],
      ["wrapped", ...told],
      ["middleware", ...told],
    ]);
  });

  // Hono makes a response of its own without a body, and what it is made of is not to be found by that.
  test("ends the answer to a HEAD of a stream", async () => {
    const events: unknown[] = [];
    const response = await wrapped(events)(new Request("http://localhost/", HEAD));
    expect([response.body, response.headers.get("x-kept")]).toEqual([null, "yes"]);
    await settle();
    const told = ["completed", "handed-over", 200];
    expect(events).toEqual([
      ["wrapped", ...told],
      ["middleware", ...told],
      ["own", ...told],
    ]);
  });
});

describe("onFinished", () => {
  // compress() makes another response of it, so the handler's own ends with that one, and after its callbacks.
  test("under compress() the handler's own callback comes last", async () => {
    const order: string[] = [];
    const app = new Hono();
    app.use(
      responseThen(() => void order.push("middleware")),
      compress(),
    );
    app.get("/", (c) => {
      onFinished(c, () => void order.push("onFinished"));
      const headers = { "content-type": "text/plain" };
      return new ResponseThen("x".repeat(5_000), () => void order.push("own"), { headers });
    });
    const response = await app.request("/", { headers: { "accept-encoding": "gzip" } });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    await response.arrayBuffer();
    await settle();
    expect(order).toEqual(["middleware", "onFinished", "own"]);
  });

  test("in a handler adds callbacks before there is a response, after the middleware's own and in order", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", (c) => {
      onFinished(c, into(events, "first"));
      onFinished(c, [into(events, "second"), { completed: into(events, "third") }]);
      return c.text("Hello");
    });
    events.push(await (await app.request("/")).text());
    await settle();
    const told = ["completed", "pulled", 200];
    expect(events).toEqual([
      "Hello",
      ["middleware", ...told],
      ["first", ...told],
      ["second", ...told],
      ["third", ...told],
    ]);
  });

  test("in a handler holds for that request only", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen());
    app.get("/with", (c) => {
      onFinished(c, into(events, "handler"));
      return c.text("Hello");
    });
    app.get("/without", (c) => c.text("Hello"));
    for (const path of ["/with", "/without"]) await (await app.request(path)).text();
    await settle();
    expect(events).toEqual([["handler", "completed", "pulled", 200]]);
  });

  test.for([
    ["inside responseThen", true],
    ["without it", false],
  ] as const)("in a middleware after next, %s, adds to the response that is there", async ([, installed]) => {
    const events: unknown[] = [];
    const app = new Hono();
    if (installed) app.use(responseThen());
    app.use(async (c, next) => {
      await next();
      onFinished(c, into(events, "inner"));
    });
    app.get("/plain", (c) => c.text("Hello", 201, { "x-kept": "yes" }));
    app.get("/own", () => new ResponseThen("data", into(events, "own")));
    const response = await app.request("/plain");
    expect(Object.getPrototypeOf(response)).toBe(Response.prototype);
    expect([response.status, response.headers.get("x-kept"), await response.text()]).toEqual([201, "yes", "Hello"]);
    await settle();
    await (await app.request("/own")).text();
    await settle();
    expect(events).toEqual([
      ["inner", "completed", "pulled", 201],
      ["own", "completed", "pulled", 200],
      ["inner", "completed", "pulled", 200],
    ]);
  });

  test("in a middleware outside of responseThen, after next, adds to the response that is there", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(async (c, next) => {
      await next();
      onFinished(c, into(events, "outside"));
    });
    app.use(responseThen(into(events, "middleware")));
    app.get("/", (c) => c.text("Hello"));
    await (await app.request("/")).text();
    await settle();
    expect(events).toEqual([
      ["middleware", "completed", "pulled", 200],
      ["outside", "completed", "pulled", 200],
    ]);
  });

  test("in a handler without the middleware throws an Error that says what to install", async () => {
    const errors: Error[] = [];
    const app = new Hono();
    app.onError((error, c) => {
      errors.push(error);
      return c.text("failed", 500);
    });
    app.get("/", (c) => {
      onFinished(c, () => {});
      return c.text("Hello");
    });
    expect((await app.request("/")).status).toBe(500);
    expect(errors.map(({ message }) => message)).toEqual([
      `onFinished was called before there is a response: install the middleware, app.use(responseThen())${READ_ON}`,
    ]);
  });

  test("throws at the call for what is no callback, and for a bad option", async () => {
    const errors: unknown[] = [];
    const app = new Hono();
    app.use(responseThen());
    app.get("/", (c) => {
      for (const call of [
        () => onFinished(c, {} as Callbacks),
        () => onFinished(c, () => {}, { timeout: Number.NaN }),
      ]) {
        try {
          call();
        } catch (error) {
          errors.push((error as Error).name);
        }
      }
      return c.text("Hello");
    });
    expect(await (await app.request("/")).text()).toBe("Hello");
    expect(errors).toEqual(["TypeError", "RangeError"]);
  });

  test("that fails harms neither the answer nor the other callbacks", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware"), { onError: (error) => events.push(["reported", error]) }));
    app.get("/", (c) => {
      onFinished(c, () => Promise.reject("failed"));
      onFinished(c, into(events, "handler"));
      return c.text("Hello");
    });
    expect(await (await app.request("/")).text()).toBe("Hello");
    await settle();
    const told = ["completed", "pulled", 200];
    expect(events).toEqual([
      ["middleware", ...told],
      ["handler", ...told],
      ["reported", "failed"],
    ]);
  });

  // Guards against options that are taken, checked and then ignored.
  test("reports a failure to the onError that it was given, whatever the middleware has", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(() => {}));
    app.get("/", (c) => {
      onFinished(c, () => Promise.reject("failed"), { onError: (error) => events.push(error) });
      return c.text("Hello");
    });
    await (await app.request("/")).text();
    await settle();
    expect(events).toEqual(["failed"]);
  });
});

describe("executionCtx.waitUntil", () => {
  /** An execution context as a platform gives it, and what it was asked to wait for. */
  function context() {
    const promises: Promise<unknown>[] = [];
    return {
      promises,
      ctx: { waitUntil: (promise: Promise<unknown>) => promises.push(promise), passThroughOnException() {}, props: {} },
    };
  }

  test("is called once for a response built without its own, with its finished", async () => {
    const { promises, ctx } = context();
    const app = new Hono();
    app.use(responseThen(() => {}));
    app.get("/", () => new ResponseThen("data", () => {}));
    const response = (await app.request("/", {}, {}, ctx)) as ResponseThen;
    expect(promises).toHaveLength(1);
    expect(promises[0]).toBe(response.finished);
    await response.text();
    await Promise.all(promises);
  });

  test("is called once for a plain response with a callback, in two middlewares too", async () => {
    const events: unknown[] = [];
    const { promises, ctx } = context();
    const app = new Hono();
    app.use(responseThen(into(events, "outer")));
    app.use(responseThen(into(events, "inner")));
    app.get("/", (c) => c.body(null, 204));
    await app.request("/", {}, {}, ctx);
    expect(promises).toHaveLength(1);
    await Promise.all(promises);
    expect(events).toHaveLength(2);
  });

  test("is not called for a response with its own, nor for a plain one without a callback", async () => {
    const events: string[] = [];
    const { promises, ctx } = context();
    const app = new Hono();
    app.use(responseThen());
    app.get("/own", () => new ResponseThen("data", () => {}, { waitUntil: () => events.push("own") }));
    app.get("/plain", (c) => c.text("Hello"));
    for (const path of ["/own", "/plain"]) await (await app.request(path, {}, {}, ctx)).text();
    expect([events, promises]).toEqual([["own"], []]);
  });

  test("is called for the callbacks of a request that was answered by no response", async () => {
    const events: unknown[] = [];
    const { promises, ctx } = context();
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", () => {
      throw "a string";
    });
    await expect(app.request("/", {}, {}, ctx)).rejects.toBe("a string");
    expect(promises).toHaveLength(1);
    await Promise.all(promises);
    expect(events).toEqual([["middleware", "errored", "handed-over", 500, "a string"]]);
  });

  test("is not needed: without an execution context everything works", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    const middleware: MiddlewareHandler = responseThen(into(events, "middleware"));
    app.use(middleware);
    app.get("/", (c) => c.text("Hello"));
    await (await app.request("/")).text();
    await settle();
    expect(events).toEqual([["middleware", "completed", "pulled", 200]]);
  });
});
