import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { Exchange } from "../../../src/exchange/exchange.ts";
import { wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { ResponseThen } from "../../../src/index.ts";
import type { End } from "../../../src/lifecycle/outcome.ts";
import {
  compose,
  type FetchHandler,
  headers,
  type LogEntry,
  type LoggerOptions,
  logger,
} from "../../../src/middleware/index.ts";
import { thrownBy } from "../../thrown-by.ts";
import { into, leaveNothingInFlight, settle } from "../../told.ts";
import { entryOf, fails, GET, hello, url } from "./lines-of.ts";

leaveNothingInFlight();

/** A logger that collects its lines, which say of each entry what does not depend on time. */
function lineInto(lines: unknown[], name = "logger") {
  return logger({
    format: ({ method, path, status, bytes, type, observed }: LogEntry) =>
      [name, method, path, status, bytes, type, observed].join(" "),
    sink: (line) => lines.push(line),
  });
}

describe("logger", () => {
  test("writes one line when the response has ended, and not before", async () => {
    const lines: unknown[] = [];
    const response = await compose(hello, lineInto(lines))(GET);
    await pause(20);
    expect(lines).toEqual([]);
    expect(await response.text()).toBe("Hello");
    await settle();
    expect(lines).toEqual(["logger GET /path?a=1 201 5 completed pulled"]);
  });

  test("answers at once where the handler does, and leaves status, headers and body what they are", async () => {
    const made = () => new Response("Hello", { status: 203, statusText: "Fine", headers: { "x-kept": "yes" } });
    const response = compose(made, lineInto([]))(GET) as Response;
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.statusText]).toEqual([203, "Fine"]);
    expect([...response.headers]).toEqual([...made().headers]);
    expect(await response.text()).toBe("Hello");
  });

  test("gives the handler all arguments of the platform", async () => {
    const given: unknown[] = [];
    const handler = (...all: [Request, string, number]) => {
      given.push(...all);
      return new Response(null);
    };
    await compose(handler, logger({ sink() {} }))(GET, "env", 7);
    expect(given).toEqual([GET, "env", 7]);
  });

  test("lets a ResponseThen be itself: its own callbacks start first", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen("Hello", into(events, "own"));
    const sent = await compose(() => response, lineInto(events))(GET);
    expect(sent).toBe(response);
    await sent.text();
    await settle();
    expect(events).toEqual([["own", "completed", "pulled", 200], "logger GET /path?a=1 200 5 completed pulled"]);
  });

  test("says handed-over for HEAD and for a response without a body, and ends them", async () => {
    const lines: unknown[] = [];
    const composed = compose(
      (request) => (request.url.endsWith("none") ? new Response(null, { status: 204 }) : hello()),
      lineInto(lines),
    );
    await composed(new Request(url, { method: "HEAD" }));
    await settle();
    await composed(new Request("http://localhost/none"));
    await settle();
    expect(lines).toEqual([
      "logger HEAD /path?a=1 201 0 completed handed-over",
      "logger GET /none 204 0 completed handed-over",
    ]);
  });

  test("says canceled when the client left, and errored when the source failed", async () => {
    const lines: unknown[] = [];
    const chunk = new TextEncoder().encode("Hello");
    let canceled: unknown;
    const source = new ReadableStream({
      pull: (controller) => controller.enqueue(chunk),
      cancel: (reason) => {
        canceled = reason;
      },
    });
    const left = await compose(() => new Response(source), lineInto(lines))(GET);
    const reader = (left.body as ReadableStream).getReader();
    await reader.read();
    await reader.cancel("gone");
    await settle();
    const broken = new ReadableStream({ pull: (controller) => controller.error("broken") });
    const failed = await compose(() => new Response(broken), lineInto(lines))(GET);
    await expect(failed.text()).rejects.toBe("broken");
    await settle();
    expect(canceled).toBe("gone");
    expect(lines).toEqual(["logger GET /path?a=1 200 5 canceled pulled", "logger GET /path?a=1 200 0 errored pulled"]);
  });

  test.for([
    ["at once", fails],
    ["later", async () => fails()],
    ["what is no error", () => Promise.reject("a string")],
    ["after it built a ResponseThen", () => fails(new ResponseThen("never sent", () => {}))],
    ["by answering with what is no response", () => undefined as unknown as Response],
  ] as [string, FetchHandler][])(
    "says 500, errored when the handler throws %s, and the error goes on",
    async ([, handler]) => {
      const lines: unknown[] = [];
      await expect((async () => compose(handler, lineInto(lines))(GET))()).rejects.toBeDefined();
      await settle();
      expect(lines).toEqual(["logger GET /path?a=1 500 0 errored handed-over"]);
    },
  );

  // As without the logger: the server fails with it, and tells so itself.
  test("passes a body that was read on as it is", async () => {
    const lines: unknown[] = [];
    const used = new Response("Hello");
    await used.text();
    expect(await compose(() => used, lineInto(lines))(GET)).toBe(used);
    await settle();
    expect(lines).toEqual(["logger GET /path?a=1 200 0 completed handed-over"]);
  });

  test("is stacked: each writes one line, for a plain response and for a ResponseThen", async () => {
    for (const handler of [hello, () => new ResponseThen("Hello", () => {}, { status: 201 })]) {
      const lines: unknown[] = [];
      await (
        await compose(handler, lineInto(lines, "outer"), headers({ a: "b" }), lineInto(lines, "inner"))(GET)
      ).text();
      await settle();
      expect(lines).toEqual([
        "outer GET /path?a=1 201 5 completed pulled",
        "inner GET /path?a=1 201 5 completed pulled",
      ]);
    }
    const lines: unknown[] = [];
    await expect(async () => compose(fails, lineInto(lines, "outer"), lineInto(lines, "inner"))(GET)).rejects.toThrow(
      "failed",
    );
    await settle();
    expect(lines).toEqual([
      "outer GET /path?a=1 500 0 errored handed-over",
      "inner GET /path?a=1 500 0 errored handed-over",
    ]);
  });

  test("outside of a middleware that waits, also where no context is carried across that", async () => {
    const lines: unknown[] = [];
    const waits =
      (next: FetchHandler): FetchHandler =>
      async (request, ...rest) => {
        await pause(1);
        return next(request, ...rest);
      };
    const composed = compose(hello, lineInto(lines, "outer"), waits, lineInto(lines, "inner"));
    await (await composed(GET)).text();
    await settle();
    await composed(new Request(url, { method: "HEAD" }));
    await settle();
    expect(lines.sort()).toEqual([
      "inner GET /path?a=1 201 5 completed pulled",
      "inner HEAD /path?a=1 201 0 completed handed-over",
      "outer GET /path?a=1 201 5 completed pulled",
      "outer HEAD /path?a=1 201 0 completed handed-over",
    ]);
  });

  // As in Hono on Workers without nodejs_compat, whose answer to a HEAD is another response: the line was never written.
  test("belongs to the request, also where no context is carried across an await", async () => {
    const lines: unknown[] = [];
    const composed = compose(async () => {
      await pause(1);
      return hello();
    }, lineInto(lines));
    const exchange = new Exchange({ method: "HEAD" }, GET);
    await exchange.run(composed, GET);
    exchange.handOver(new Response(null));
    await settle();
    expect(lines).toEqual(["logger GET /path?a=1 200 0 completed handed-over"]);
  });

  test("sees what an adapter around it sees", async () => {
    const lines: unknown[] = [];
    let flushed: (end: End) => void = () => {};
    const counts: boolean[] = [];
    const hostOf = ({ method }: Request) => ({
      method,
      flushed: (listener: (end: End) => void, count: boolean) => {
        flushed = listener;
        counts.push(count);
      },
    });
    const plain = hello();
    const own = new ResponseThen("Hello", () => {}, { status: 201 });
    for (const response of [plain, own]) {
      const sent = await wrapHandler(
        compose(() => response, lineInto(lines)),
        hostOf,
      )(GET);
      expect(sent).toBe(response);
      await sent.text();
      await pause(20);
      expect(lines).toEqual([]);
      // Of a body that nobody watches the server alone knows the bytes.
      const counted = { bytes: 5, chunks: 1, firstByteTime: Date.now() };
      flushed({ type: "completed", observed: "flushed", ...(response === plain && { counted }) });
      await settle();
      expect(lines.splice(0)).toEqual(["logger GET /path?a=1 201 5 completed flushed"]);
    }
    expect(counts).toEqual([true, false]);
  });

  test("writes one line for Response.error(), which stays itself", async () => {
    const lines: unknown[] = [];
    const error = Response.error();
    expect(await compose(() => error, lineInto(lines))(GET)).toBe(error);
    await settle();
    expect(lines).toEqual(["logger GET /path?a=1 0 0 completed handed-over"]);
  });

  test("copies the facts of the request before the handler: some runtimes take it away afterwards", async () => {
    let gone = false;
    const real = new Request(url, { headers: { "user-agent": "a browser", referer: "http://elsewhere/" } });
    const request = new Proxy(real, {
      get(target, key) {
        if (gone) throw new Error(`${String(key)}: the request is gone`);
        return Reflect.get(target, key, target);
      },
    });
    const handler = () => {
      gone = true;
      return hello();
    };
    const facts = { method: "GET", path: "/path?a=1", userAgent: "a browser", referer: "http://elsewhere/" };
    // (The HEAD of an adapter's hand-over asks for the method at the request, too.)
    expect(await entryOf(handler, request)).toMatchObject(facts);
  });
});

describe("what a platform gives", () => {
  const carriers: [string, (waitUntil: (promise: Promise<unknown>) => void) => unknown[]][] = [
    ["a context", (waitUntil) => [{ KEY: "an env" }, { waitUntil }]],
    ["an event", (waitUntil) => [{ waitUntil }]],
  ];
  test.for(carriers)("keeps alive until the line is written: %s", async ([, restOf]) => {
    const promises: Promise<unknown>[] = [];
    const lines: string[] = [];
    const rest = restOf(function (this: unknown, promise) {
      // Called on its own object, or Workers throw.
      expect(this).toBe(rest.at(-1));
      promises.push(promise);
    });
    const sink = async (line: string) => {
      await pause(5);
      lines.push(line);
    };
    const composed = compose(async (_request: Request, ..._rest: unknown[]) => hello(), logger({ sink }));
    await (await composed(GET, ...rest)).text();
    await Promise.all(promises);
    expect(lines).toHaveLength(1);
    await expect(async () =>
      compose(fails as FetchHandler<unknown[]>, logger({ sink }))(GET, ...rest),
    ).rejects.toThrow();
    await Promise.all(promises);
    expect(lines).toHaveLength(2);
  });
});

test("keeps the platform alive while the handler runs: it may stop it when the client leaves", async () => {
  const promises: Promise<unknown>[] = [];
  let respond = (_response: Response) => {};
  const answer = new Promise<Response>((resolve) => {
    respond = resolve;
  });
  const composed = compose(async (_request: Request, ..._rest: unknown[]) => answer, logger({ sink() {} }));
  const sent = composed(GET, { waitUntil: (promise: Promise<unknown>) => promises.push(promise) });
  expect(promises).toHaveLength(1);
  respond(new Response(null));
  await promises[0];
  await sent;
});

describe("a format or a sink that fails", () => {
  test.for([
    ["a sink that throws", { sink: fails }],
    ["a sink that rejects", { sink: async () => fails() }],
    ["a format that throws", { format: fails }],
  ] as [string, LoggerOptions][])("is reported once and reaches nobody: %s", async ([, options]) => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    const response = await compose(hello, logger(options))(GET);
    expect(await response.text()).toBe("Hello");
    await settle();
    expect(reported.mock.calls.map(([, error]) => (error as Error).message)).toEqual(["failed"]);
  });
});

test.for([
  ["options", null, "options: expected an object, got Null"],
  ["options", "dev", "options: expected an object, got string dev"],
  ["format", { format: "tiny" }, 'format: expected "dev", "common", "combined", "json" or a function, got string tiny'],
  [
    "format",
    { format: "toString" },
    'format: expected "dev", "common", "combined", "json" or a function, got string toString',
  ],
  ["sink", { sink: console }, "sink: expected a function, got console"],
  ["redact", { redact: "token" }, "redact: expected an array of names, or a function, got string token"],
  ["redact", { redact: [/token/] }, "redact: expected an array of names, or a function, got Array"],
  ["remote", { remote: "x-forwarded-for" }, "remote: expected a function, got string x-forwarded-for"],
])("throws at the call for a bad %s: %j", ([, options, message]) => {
  expect(thrownBy(() => logger(options as LoggerOptions))).toBe(`TypeError: ${message}`);
});
