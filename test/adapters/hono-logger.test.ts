import { Hono } from "hono";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { drain, logger, onFinished, type PrintFunction, ResponseThen, responseThen } from "../../adapters/hono.ts";
import { send } from "../client.ts";
import { fakeClock, realClock } from "../fake-clock.ts";
import type { HonoEvent } from "../hosts/hono-app.ts";
import type { Host, Running } from "../hosts/host.ts";
import { processHost } from "../hosts/process.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";

afterEach(async () => {
  vi.restoreAllMocks();
  expect(await drain({ timeout: 5_000 })).toMatchObject({ pending: 0 });
});

/** A line with its time left out. */
const timeless = (line: unknown) => String(line).replace(/ \d+m?s /, " … ");

/** An app whose lines are written down, without their times, among the events. */
function appWith(events: unknown[]): Hono {
  const app = new Hono();
  app.use(logger((line) => events.push(timeless(line))));
  return app;
}

describe("logger", () => {
  test("prints a line for the request, and one when the response has ended, with its status and bytes", async () => {
    const events: unknown[] = [];
    const app = appWith(events);
    app.get("/path", (c) => {
      events.push("handler");
      return c.text("Hello", 201);
    });
    const response = await app.request("/path?q=1");
    events.push("answered", await response.text());
    await drain();
    expect(events).toEqual(["<-- GET /path?q=1", "handler", "answered", "Hello", "--> GET /path?q=1 201 … 5 bytes"]);
  });

  test("prints to console.log by default", async () => {
    const log = vi.spyOn(console, "log").mockReturnValue();
    const app = new Hono();
    app.use(logger());
    app.get("/", (c) => c.text("Hello"));
    await (await app.request("/")).text();
    await drain();
    expect(log.mock.calls.flat().map(timeless)).toEqual(["<-- GET /", "--> GET / 200 … 5 bytes"]);
  });

  test("counts the time from the request, the handler's included, to the end of the body", async () => {
    fakeClock();
    try {
      const events: string[] = [];
      const app = new Hono();
      app.use(logger((line) => events.push(line)));
      app.get("/ms", (c) => {
        vi.advanceTimersByTime(300);
        return c.text("Hello");
      });
      app.get("/s", (c) => c.text("Hello"));
      for (const [path, ms] of [
        ["/ms", 400],
        ["/s", 3_800],
      ] as const) {
        const response = await app.request(path);
        vi.advanceTimersByTime(ms);
        await response.text();
        await drain();
      }
      expect(events).toEqual([
        "<-- GET /ms",
        "--> GET /ms 200 700ms 5 bytes",
        "<-- GET /s",
        "--> GET /s 200 4s 5 bytes",
      ]);
    } finally {
      realClock();
    }
  });

  test("names an outcome that is not completed", async () => {
    const events: unknown[] = [];
    const app = appWith(events);
    app.get("/canceled", (c) => c.body(new ReadableStream()));
    app.get("/errored", (c) => c.body(new ReadableStream({ pull: (controller) => controller.error("failed") })));
    await (await app.request("/canceled")).body?.cancel();
    await drain();
    await expect((await app.request("/errored")).text()).rejects.toBe("failed");
    await drain();
    expect(events).toEqual([
      "<-- GET /canceled",
      "--> GET /canceled 200 … 0 bytes canceled",
      "<-- GET /errored",
      "--> GET /errored 200 … 0 bytes errored",
    ]);
  });

  test("prints both lines for HEAD, not-found, a redirect, and a handler that throws", async () => {
    const events: unknown[] = [];
    const app = appWith(events);
    app.onError((error, c) => c.text(error.message, 500));
    app.get("/text", (c) => c.text("Hello"));
    app.get("/redirect", (c) => c.redirect("/text"));
    app.get("/throws", () => {
      throw new Error("failed");
    });
    await app.request("/text", { method: "HEAD" });
    await drain();
    for (const path of ["/nowhere", "/redirect", "/throws"]) {
      await (await app.request(path)).text();
      await drain();
    }
    expect(events).toEqual([
      "<-- HEAD /text",
      "--> HEAD /text 200 … 0 bytes",
      "<-- GET /nowhere",
      "--> GET /nowhere 404 … 13 bytes",
      "<-- GET /redirect",
      "--> GET /redirect 302 … 0 bytes",
      "<-- GET /throws",
      "--> GET /throws 500 … 6 bytes",
    ]);
  });

  // Hono answers errors only; what is none reaches the runtime.
  test("prints the second line as errored where a handler throws what is no Error", async () => {
    const events: unknown[] = [];
    const app = appWith(events);
    app.get("/", () => {
      throw "a string";
    });
    await expect(app.request("/")).rejects.toBe("a string");
    await drain();
    expect(events).toEqual(["<-- GET /", "--> GET / 500 … 0 bytes errored"]);
  });

  test.for(["outside", "inside"] as const)("works %s responseThen(), and prints once", async (place) => {
    const events: unknown[] = [];
    const app = new Hono();
    if (place === "inside") app.use(responseThen(() => events.push("middleware")));
    app.use(logger((line) => events.push(timeless(line))));
    if (place === "outside") app.use(responseThen(() => events.push("middleware")));
    app.get("/", (c) => {
      onFinished(c, () => events.push("handler"));
      return new ResponseThen("Hello", () => events.push("own"));
    });
    await (await app.request("/")).text();
    await drain();
    expect(events[0]).toBe("<-- GET /");
    expect([...events].sort()).toEqual(["--> GET / 200 … 5 bytes", "<-- GET /", "handler", "middleware", "own"]);
  });

  test("leaves status, headers and body what they are", async () => {
    const app = appWith([]);
    app.get("/", (c) => c.text("Hello", 201, { "x-kept": "yes" }));
    const response = await app.request("/");
    expect([response.status, Object.fromEntries(response.headers), await response.text()]).toEqual([
      201,
      { "content-type": "text/plain; charset=UTF-8", "x-kept": "yes" },
      "Hello",
    ]);
  });

  test.for([
    ["a line feed", "\n", "%0A"],
    ["a carriage return", "\r", "%0D"],
    ["an escape sequence", "\x1b[2K", "%1B[2K"],
    ["a C1 control", "\x9b", "%C2%9B"],
    ["a line separator", "\u2028", "%E2%80%A8"],
    ["a text that runs from right to left", "\u202e", "%E2%80%AE"],
  ] as const)("prints %s in a path percent-encoded: no path forges a line", async ([, character, printed]) => {
    const lines: string[] = [];
    const app = new Hono();
    app.use(logger((line) => lines.push(line)));
    // Not a Request, which would encode the path: what a server makes may not.
    const url = `http://localhost/a${character}--> GET /forged 200 1ms`;
    const response = await app.fetch({ url, method: "GET", headers: new Headers() } as Request);
    await response.text();
    await drain();
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(line).toContain(`/a${printed}--> GET /forged 200 1ms`);
    }
  });

  test("that fails to print the second line is reported once and reaches nobody", async () => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    const failure = new Error("disk full");
    const app = new Hono();
    app.use(
      logger((line) => {
        if (line.startsWith("-->")) throw failure;
      }),
    );
    app.get("/", (c) => c.text("Hello"));
    expect(await (await app.request("/")).text()).toBe("Hello");
    await drain();
    expect(reported.mock.calls.map(([, error]) => error)).toEqual([failure]);
  });

  test("throws at the call for what is no function", () => {
    expect(() => logger({} as PrintFunction)).toThrow(/^print: expected a function, got Object;/);
  });
});

function logs(host: Host): void {
  describe(`logger on ${host.name}`, () => {
    let server: Running;
    beforeAll(async () => {
      server = await host.start();
    });
    afterAll(() => server.close());

    const url = (path: string, id: string) => new URL(`http://127.0.0.1:${server.port}${path}?id=${id}`);

    /** The lines of a request, once both are there. */
    async function linesOf(id: string): Promise<string[]> {
      let lines: string[] = [];
      const done = async () => {
        const events = JSON.parse(String(await (await send(url("/events", id))).readAll())) as HonoEvent[];
        lines = events.flatMap((event) => (event.at === "line" ? [event.line] : []));
        return lines.length >= 2;
      };
      await vi.waitUntil(done, { timeout: 15_000, interval: 20 });
      return lines;
    }

    test("prints the time that a stream took, not the handler", async () => {
      await (await send(url("/logged/stream", "long"))).readAll();
      const [first, second = ""] = await linesOf("long");
      expect(first).toBe("<-- GET /logged/stream?id=long");
      const [, ms] = /^--> GET \/logged\/stream\?id=long 200 (\d+)ms 50000 bytes$/.exec(second) ?? [second];
      // 50 pauses of 5 ms, each of which may be 1 ms early.
      expect(Number(ms)).toBeGreaterThan(150);
    });

    test("prints canceled when the client left in the middle", async () => {
      const exchange = await send(url("/logged/endless", "left"));
      await exchange.readAtLeast(3_000);
      exchange.socket.resetAndDestroy();
      const [, second] = await linesOf("left");
      expect(second).toMatch(/^--> GET \/logged\/endless\?id=left 200 \d+m?s \d+ bytes canceled$/);
    });

    test("prints errored, and nothing of the error's text, when the source failed", async () => {
      await (await send(url("/logged/fails", "fails"))).readAll().catch(() => {});
      expect((await linesOf("fails")).map(timeless)).toEqual([
        "<-- GET /logged/fails?id=fails",
        "--> GET /logged/fails?id=fails 200 … 1000 bytes errored",
      ]);
    });
  });
}

logs(processHost("hono-node", process.execPath, []));
logs(processHost("hono-bun", "npx", ["--no-install", "bun"]));
logs(processHost("hono-deno", "npx", ["--no-install", "deno", "run", "-A", "--no-check"]));
logs({
  name: "hono-workerd-newest",
  start: () =>
    startWorker(new URL("../hosts/serve/hono-workerd.ts", import.meta.url), {
      binary: newestWorkerd,
      flags: ["enable_request_signal"],
    }),
});
