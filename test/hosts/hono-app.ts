// The app of the Hono tests: one route per built-in middleware and helper, and a record of what the callbacks saw.
// Runs unchanged on Node, Bun, Deno and workerd.
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cache } from "hono/cache";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { HTTPException } from "hono/http-exception";
import { prettyJSON } from "hono/pretty-json";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import { timing } from "hono/timing";
import { logger, type Outcome, onFinished, type Phase, ResponseThen, responseThen } from "../../adapters/hono.ts";

/**
 * How a route answers: `without` the library, with `plain` responses under the middleware, or with a response of its
 * `own`, a `ResponseThen`, under it.
 */
export type Way = "without" | "plain" | "own";

/** What `/events` tells of one request, in the order in which it happened. */
export type HonoEvent =
  | { at: "source"; what: "ends" | "canceled" }
  | { at: "handler" }
  | { at: "line"; line: string }
  | ({ at: "own" | "middleware" | "onFinished" } & Pick<Outcome, "type" | "observed" | "bytes"> & {
        phase?: Phase;
        status: number;
        headers: Record<string, string>;
      });

const records = new Map<string, HonoEvent[]>();

function record(c: Context): HonoEvent[] {
  const id = c.req.query("id") ?? "";
  const events = records.get(id) ?? [];
  records.set(id, events);
  return events;
}

function into(events: HonoEvent[], at: "own" | "middleware" | "onFinished") {
  return (outcome: Outcome): void => {
    const { type, observed, bytes, response } = outcome;
    const phase = type === "completed" ? {} : { phase: outcome.phase };
    const headers = Object.fromEntries(response.headers);
    events.push({ at, type, observed, ...phase, bytes, status: response.status, headers });
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A stream of `chunks` chunks of 1,000 bytes, which tells of its end. */
function source(events: HonoEvent[], chunks: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let pulls = 0;
  return new ReadableStream({
    async pull(controller) {
      await pause(5);
      if (pulls++ < chunks) return controller.enqueue(new Uint8Array(1_000).fill(97));
      events.push({ at: "source", what: "ends" });
      controller.close();
    },
    cancel: () => void events.push({ at: "source", what: "canceled" }),
  });
}

/** A text that is worth compressing. */
const LONG = "Hello, world. ".repeat(400);

/** Waits, on Node, until the client has left. */
async function clientLeaves(c: Context): Promise<void> {
  const { outgoing } = c.env as { outgoing: { once(event: "close", listener: () => void): unknown } };
  record(c).push({ at: "handler" });
  await new Promise<void>((resolve) => outgoing.once("close", resolve));
}

function appOf(way: Way): Hono {
  const app = new Hono().basePath(`/${way}`);
  if (way !== "without") {
    // Per request, so that every outcome is written down under the request that it belongs to.
    app.use((c, next) => responseThen(into(record(c), "middleware"))(c, next));
    app.use(async (c, next) => {
      onFinished(c, into(record(c), "onFinished"));
      await next();
    });
  }
  const answer = (c: Context, body: string | ReadableStream | null, init: ResponseInit = {}): Response =>
    way === "own" ? new ResponseThen(body, into(record(c), "own"), init) : new Response(body, init);
  const text = { headers: { "content-type": "text/plain", "x-kept": "yes" } };

  app.use("/etag", etag());
  app.get("/etag", (c) => answer(c, "Hello, world", text));
  app.use("/etag-of-stream", etag());
  app.get("/etag-of-stream", (c) => answer(c, source(record(c), 3), text));
  app.use("/compress", compress());
  app.get("/compress", (c) => answer(c, LONG, text));
  app.use("/compress-of-stream", compress());
  app.get("/compress-of-stream", (c) => answer(c, source(record(c), 5), text));
  app.use("/compress-and-etag", etag(), compress());
  app.get("/compress-and-etag", (c) => answer(c, LONG, text));
  app.use("/cors", cors({ origin: "https://app.example", credentials: true }));
  app.get("/cors", (c) => answer(c, "Hello, world", text));
  app.use("/secure-headers", secureHeaders());
  app.get("/secure-headers", (c) => answer(c, "Hello, world", text));
  app.use("/cache", (c, next) => cache({ cacheName: "test", wait: true })(c, next));
  app.get("/cache", (c) => answer(c, "Hello, world", { headers: { ...text.headers, "cache-control": "max-age=60" } }));
  app.use("/timing", timing());
  app.get("/timing", (c) => answer(c, "Hello, world", text));
  app.use("/pretty-json", prettyJSON());
  app.get("/pretty-json", (c) => answer(c, '{"a":1}', { headers: { "content-type": "application/json" } }));
  app.use("/header-after-next", async (c, next) => {
    await next();
    c.header("x-added", "yes");
  });
  app.get("/header-after-next", (c) => answer(c, source(record(c), 3), text));
  app.use("/re-wrapped", async (c, next) => {
    await next();
    c.res = new Response(c.res.body, c.res);
  });
  app.get("/re-wrapped", (c) => answer(c, source(record(c), 3), text));
  app.use("/body-limit", bodyLimit({ maxSize: 10 }));
  app.post("/body-limit", (c) => answer(c, "Hello, world", text));
  app.use("/early", async (c) => c.text("Who are you?", 401));
  app.get("/early", (c) => answer(c, "Hello, world", text));
  app.get("/throws", (c) => {
    answer(c, "built before the throw", text);
    throw new Error("handler failed");
  });
  app.get("/http-exception", (c) => {
    throw new HTTPException(429, { res: answer(c, "Slow down", { ...text, status: 429 }) });
  });
  app.get("/http-exception-of-message", () => {
    throw new HTTPException(403, { message: "No entry" });
  });
  app.get("/sse", (c) =>
    streamSSE(c, async (stream) => {
      for (const data of ["one", "two", "three"]) {
        await stream.writeSSE({ data });
        await pause(5);
      }
      if (way !== "without") record(c).push({ at: "source", what: "ends" });
    }),
  );
  app.get("/json", (c) => c.json({ a: 1 }, 201, { "x-kept": "yes" }));
  app.get("/html", (c) => c.html("<p>Hello, world</p>"));
  app.get("/cookies", (c) => {
    c.header("set-cookie", "a=1", { append: true });
    c.header("set-cookie", "b=2", { append: true });
    return c.text("Hello, world");
  });
  app.get("/text", (c) => answer(c, "Hello, world", text));
  app.get("/stream", (c) => answer(c, source(record(c), 5), text));
  app.get("/body", (c) => (way === "own" ? answer(c, "Hello, world", text) : c.body("Hello, world", text)));
  // Longer than all buffers between a server and its client.
  app.get("/huge", (c) => answer(c, "x".repeat(20_000_000), text));
  app.get("/late/:kind", async (c) => {
    await clientLeaves(c);
    return answer(c, c.req.param("kind") === "text" ? "Hello, world" : source(record(c), 5), text);
  });
  app.get("/nothing", (c) => answer(c, null, { status: 204 }));
  app.get("/redirect", (c) => answer(c, null, { status: 302, headers: { location: "/elsewhere" } }));
  app.get("/hono-redirect", (c) => c.redirect("/elsewhere"));
  app.notFound((c) => c.text("Not here", 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) {
      const response = error.getResponse();
      return c.newResponse(response.body, response);
    }
    return c.text(error.message, 500);
  });
  return app;
}

function loggedApp(): Hono {
  const app = new Hono().basePath("/logged");
  app.use((c, next) => logger((line) => record(c).push({ at: "line", line }))(c, next));
  app.get("/text", (c) => c.text("Hello, world", 201));
  app.get("/late", async (c) => {
    await clientLeaves(c);
    return c.text("Hello, world", 201);
  });
  app.get("/stream", (c) => c.body(source(record(c), 50)));
  app.get("/endless", (c) => c.body(source(record(c), Number.POSITIVE_INFINITY)));
  app.get("/fails", (c) => {
    let pulls = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(new Uint8Array(1_000));
        // Late enough for the client to have the head.
        await pause(50);
        controller.error(new Error("source failed\n--> GET /forged 200 1ms"));
      },
    });
    return c.body(body);
  });
  return app;
}

/** What a callback reads of `c`, and what it should find there. */
const reads: Record<string, [read: (c: Context<Reads>) => unknown, expected: unknown]> = {
  "c.req.method": [(c) => c.req.method, "GET"],
  "c.req.path": [(c) => c.req.path.startsWith("/reads/"), true],
  "c.req.url": [(c) => new URL(c.req.url).searchParams.has("id"), true],
  "c.req.param()": [(c) => [c.req.param("name"), c.req.param().name].join(), "Ada,Ada"],
  "c.req.query()": [(c) => c.req.query("q"), "1"],
  "c.req.header()": [(c) => [c.req.header("x-sent"), c.req.header()["x-sent"]].join(), "yes,yes"],
  "c.req.raw.headers": [(c) => c.req.raw.headers.get("x-sent"), "yes"],
  "c.var, c.get()": [(c) => [c.var.user, c.get("user")].join(), "Ada,Ada"],
  "c.res.status": [(c) => c.res.status, 203],
  "c.res.headers": [(c) => c.res.headers.get("x-kept"), "yes"],
};

/** `"yes"` for what is as it was in the handler; `"no"` for what is lost silently; `"throws"`. */
export type Reading = "yes" | "no" | "throws";

function readAll(c: Context<Reads>): Record<string, Reading> {
  return Object.fromEntries(
    Object.entries(reads).map(([name, [read, expected]]) => {
      try {
        return [name, read(c) === expected ? "yes" : "no"];
      } catch {
        return [name, "throws"];
      }
    }),
  );
}

const readings = new Map<string, Record<string, Reading>>();

type Reads = { Variables: { user: string } };

/** Routes whose callback reads `c` after the response has ended. */
function readingApp(): Hono<Reads> {
  const app = new Hono<Reads>().basePath("/reads");
  app.use(responseThen());
  app.get("/untouched/:name/:kind", (c) => read(c));
  app.get("/touched/:name/:kind", (c) => {
    // One header is enough for all of them.
    c.req.header("x-other");
    return read(c);
  });
  const read = (c: Context<Reads>) => {
    c.set("user", "Ada");
    const [kind, id] = [c.req.param("kind"), c.req.query("id") ?? ""];
    onFinished(c, async () => {
      // Later than the callback's own turn too, when the runtime has surely cleaned up.
      await pause(20);
      readings.set(id, readAll(c));
    });
    const body = kind === "stream" ? source([], 3) : kind === "endless" ? source([], 1e9) : "Hello, world";
    return c.body(body, 203, { "x-kept": "yes" });
  };
  return app;
}

/** The whole application: the first part of a path is the way, `/events` and `/readings` tell what was seen. */
export function createHonoFetch(): Hono["fetch"] {
  const told = new Hono();
  told.get("/events", (c) => c.json(records.get(c.req.query("id") ?? "") ?? []));
  told.get("/all-events", (c) => c.json(Object.fromEntries(records)));
  told.get("/readings", (c) => c.json(readings.get(c.req.query("id") ?? "") ?? null));
  const apps: Record<string, Pick<Hono, "fetch">> = {
    without: appOf("without"),
    plain: appOf("plain"),
    own: appOf("own"),
    logged: loggedApp(),
    reads: readingApp(),
  };
  // Not by app.route(), which joins the error handlers and the not-found handlers of all.
  return (request, ...rest) => {
    const way = new URL(request.url).pathname.split("/")[1] ?? "";
    return (apps[way] ?? told).fetch(request, ...rest);
  };
}
