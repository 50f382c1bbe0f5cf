// Hono in a service worker: a browser's FetchEvent, made by hand, and no AsyncLocalStorage. The built-in middlewares run
// as a service worker of workerd too (hono-middleware.test.ts).
import { Hono } from "hono";
import { handle } from "hono/service-worker";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ResponseThen, responseThen } from "../../adapters/hono.ts";
import { into, leaveNothingInFlight, settle } from "../told.ts";
import { FetchEvent } from "./hono-fetch-event.ts";
import { slowAnswers, slowApp, toldOfThrow } from "./hono-slow-app.ts";

// Where AsyncLocalStorage is looked for.
const { getBuiltinModule } = process;
let asked = 0;
beforeAll(() => {
  process.getBuiltinModule = (() => void asked++) as unknown as typeof getBuiltinModule;
});
afterAll(() => {
  process.getBuiltinModule = getBuiltinModule;
  expect(asked).toBeGreaterThan(0);
});
leaveNothingInFlight();

interface Visit {
  readonly event: FetchEvent;
  readonly answer: Promise<Response>;
}

/** @param network What `handle()` asks for what the app does not have; without it, nobody. */
function visit(app: Hono, path: string, method = "GET", network?: () => Promise<Response>): Visit {
  const event = new FetchEvent(new Request(`http://localhost${path}`, { method }));
  const listener = handle(app, network ? { fetch: network } : {}) as (event: unknown) => void;
  return { event, answer: event.dispatch(listener) };
}

describe("an event of a service worker lasts until the callbacks have settled:", () => {
  test.each(slowAnswers)("$method $path", async ({ path, method, status, body, told }) => {
    const events: unknown[] = [];
    const { event, answer } = visit(slowApp(events), path, method);
    const response = await answer;
    expect([response.status, await response.text(), events]).toEqual([status, body, []]);
    await event.over;
    expect(events).toEqual(told);
  });

  test("a throw that Hono does not answer", async () => {
    const events: unknown[] = [];
    const { event, answer } = visit(slowApp(events), "/throws-string");
    await expect(answer).rejects.toBe("a string");
    await event.over;
    expect(events).toEqual(toldOfThrow);
  });

  // The middleware did not give the event's waitUntil to callbacks of what it cannot wrap.
  test("an answer without a status, such as an opaque one of the network", async () => {
    const events: unknown[] = [];
    const { event, answer } = visit(slowApp(events), "/no-status");
    expect((await answer).type).toBe("error");
    await event.over;
    expect(events).toEqual([["middleware", "completed", "handed-over", 0]]);
  });

  test("a page that cancels", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.get("/", (c) => c.body(new ReadableStream({ cancel: (reason) => void events.push(["source", reason]) })));
    const { event, answer } = visit(app, "/");
    await (await answer).body?.cancel("gone");
    await event.over;
    expect(events).toEqual([
      ["source", "gone"],
      ["middleware", "canceled", "pulled", 200, "AbortError"],
    ]);
  });
});

test("a callback that is added when the event is over runs all the same", async () => {
  const events: unknown[] = [];
  const app = new Hono();
  app.use(responseThen());
  app.get("/", () => new ResponseThen("Hello", into(events, "first")));
  const { event, answer } = visit(app, "/");
  const response = (await answer) as ResponseThen;
  await response.text();
  await event.over;
  expect(() => event.waitUntil(Promise.resolve())).toThrow("The event is over");
  response.onFinished(into(events, "late"));
  await settle();
  expect(events).toEqual([
    ["first", "completed", "pulled", 200],
    ["late", "completed", "pulled", 200],
  ]);
});

describe("what the app does not have", () => {
  const network = async () => new Response("from the network");

  test("is told of the network's answer where the app itself asks for it", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    app.notFound(network);
    const { event, answer } = visit(app, "/nowhere");
    expect(await (await answer).text()).toBe("from the network");
    await event.over;
    expect(events).toEqual([["middleware", "completed", "pulled", 200]]);
  });

  // It fails: handle() drops the app's answer and asks the network, and the callback runs when the answer is collected.
  // Until then the event lasts.
  test.fails("is canceled where handle() asks for it", async () => {
    const events: unknown[] = [];
    const app = new Hono();
    app.use(responseThen(into(events, "middleware")));
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const { answer } = visit(app, "/nowhere", "GET", network);
      expect(await (await answer).text()).toBe("from the network");
      await vi.advanceTimersByTimeAsync(30_000);
    } finally {
      vi.useRealTimers();
    }
    await settle();
    expect(events).toEqual([["middleware", "canceled", "handed-over", 404, "AbandonedError"]]);
  });
});
