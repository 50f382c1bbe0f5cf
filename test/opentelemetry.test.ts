// The recipe of docs/opentelemetry.md with the real SDK, on a real Node server, by real sockets.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as ask, type Server } from "node:http";
import process from "node:process";
import { serve } from "@hono/node-server";
import { context, DiagLogLevel, diag, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { hrTimeToMilliseconds, W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { withResponseThen } from "../adapters/node.ts";
import { traced } from "../examples/opentelemetry/traced.ts";
import { type Outcome, ResponseThen } from "../src/index.ts";
import { compose, type FetchHandler } from "../src/middleware/index.ts";
import { send } from "./client.ts";
import { type RunningProcess, startProcess } from "./servers/shutdown/process.ts";

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const tracer = provider.getTracer("test");
/** What the SDK complains of, such as a span that is ended twice. */
const complaints: unknown[][] = [];

beforeAll(() => {
  // The server writes errors down that it answers with 500 or by cutting the connection.
  vi.spyOn(console, "error").mockImplementation(() => {});
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const complain = (...args: unknown[]) => void complaints.push(args);
  const silent = () => {};
  diag.setLogger(
    { error: complain, warn: complain, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
});
afterEach(() => {
  exporter.reset();
  expect(complaints.splice(0)).toEqual([]);
});

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const bytes = (text: string) => new TextEncoder().encode(text);
const spansNamed = (name: string) => exporter.getFinishedSpans().filter((span) => span.name === name);
const idOf = (span: ReadableSpan | undefined) => span?.spanContext().spanId;

/** The server spans that have ended, when they are as many as expected. */
async function ended(count = 1): Promise<ReadableSpan[]> {
  const servers = () => exporter.getFinishedSpans().filter(({ kind }) => kind === SpanKind.SERVER);
  await vi.waitUntil(() => servers().length >= count, { timeout: 15_000, interval: 5 });
  return servers();
}

/** Ten lines in 100 ms or more; `told` hears when the last one has been made. */
function lines(told: (time: number) => void = () => {}, fail?: Error): ReadableStream<Uint8Array> {
  let line = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(10);
        controller.enqueue(bytes(`line ${++line}\n`));
        if (line < 10) return;
        told(Date.now());
        if (fail) controller.error(fail);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

describe.each<[way: string, around: (handler: FetchHandler) => FetchHandler]>([
  ["alone", (handler) => handler],
  ["under the adapter", (handler) => withResponseThen(handler)],
])("traced, %s", (_way, around) => {
  let server: Server;
  let handler: FetchHandler;
  let origin: string;
  beforeAll(async () => {
    const fetch = around(compose((request: Request, ...rest) => handler(request, ...rest), traced(tracer)));
    server = serve({ fetch, port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false }) as Server;
    await once(server, "listening");
    origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  });

  const open = (path: string) => send(new URL(origin + path));
  const read = async (path: string) => {
    const exchange = await open(path);
    return [exchange.status, (await exchange.readAll()).toString()] as const;
  };

  test("a span ends with the last byte of a stream, with status and bytes", async () => {
    const returned: number[] = [];
    const made: number[] = [];
    const blocked: number[] = [];
    handler = () => {
      returned.push(Date.now());
      // Starts before the end of the span is written down, and holds that up.
      return new ResponseThen(
        lines((time) => made.push(time)),
        () => {
          blocked.push(Date.now());
          while (Date.now() < (blocked[0] as number) + 100);
        },
        { headers: { "content-type": "text/plain" } },
      );
    };
    const exchange = await open("/lines?secret=1");
    await exchange.readAtLeast(7);
    expect(exporter.getFinishedSpans()).toEqual([]);
    await exchange.readAll();
    const [span] = await ended();
    expect(span).toMatchObject({
      name: "GET",
      parentSpanContext: undefined,
      status: { code: SpanStatusCode.UNSET },
      events: [],
    });
    expect(span?.attributes).toEqual({
      "http.request.method": "GET",
      "url.path": "/lines",
      "url.scheme": "http",
      "http.response.status_code": 200,
      "http.response.body.size": 71,
    });
    const [start, end] = [span?.startTime, span?.endTime].map((time) => hrTimeToMilliseconds(time as [number, number]));
    expect(start).toBeLessThanOrEqual(returned[0] as number);
    // The end is the start plus a duration, and two clocks that are read one after the other may be read at two times: on
    // a busy machine they were 3 ms apart. The handler had returned 100 ms before, and the callback ends 100 ms later.
    expect(end).toBeGreaterThan((made[0] as number) - 50);
    expect(end).toBeLessThan((blocked[0] as number) + 50);
    expect((end as number) - (start as number)).toBeGreaterThanOrEqual(90);
  });

  test.for<[string, () => Response, number, number, string | undefined]>([
    ["a plain response", () => new Response("Hello"), 200, 5, undefined],
    ["a ResponseThen", () => new ResponseThen("Hello", () => {}), 200, 5, undefined],
    ["no body", () => new ResponseThen(null, () => {}, { status: 204 }), 204, 0, undefined],
    ["what is not there, which is no error", () => new Response("gone", { status: 404 }), 404, 4, undefined],
    ["an error of the server", () => new Response("down", { status: 503 }), 503, 4, "503"],
  ])("a span of %s", async ([, response, status, size, error]) => {
    handler = async () => response();
    expect((await read("/"))[0]).toBe(status);
    const [span, ...more] = await ended();
    expect(more).toEqual([]);
    expect(span?.attributes).toMatchObject({ "http.response.status_code": status, "http.response.body.size": size });
    expect(span?.attributes["error.type"]).toBe(error);
    expect(span?.status.code).toBe(error === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR);
  });

  test("a client that resets its connection in the middle is an error of its own kind, and ends the span", async () => {
    const told: Outcome[] = [];
    let canceled = false;
    const endless = new ReadableStream(
      {
        async pull(controller) {
          await pause(5);
          controller.enqueue(new Uint8Array(1_000));
        },
        cancel() {
          canceled = true;
        },
      },
      { highWaterMark: 0 },
    );
    handler = () => new ResponseThen(endless, (outcome) => told.push(outcome));
    const exchange = await open("/endless");
    const got = await exchange.readAtLeast(1_500);
    exchange.socket.resetAndDestroy();
    const [span, ...more] = await ended();
    expect(more).toEqual([]);
    expect(canceled).toBe(true);
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes).toMatchObject({ "http.response.status_code": 200, "error.type": "canceled" });
    expect(span?.attributes["http.response.body.size"]).toBe(told[0]?.bytes);
    expect(told[0]?.bytes).toBeGreaterThanOrEqual(got);
  });

  test("a source that fails is an error, with its exception", async () => {
    handler = () => new Response(lines(() => {}, new RangeError("the source fails")));
    const exchange = await open("/failing");
    await expect(exchange.readAll()).rejects.toThrow();
    const [span, ...more] = await ended();
    expect(more).toEqual([]);
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes).toMatchObject({ "http.response.status_code": 200, "error.type": "RangeError" });
    expect(span?.events.map(({ name, attributes }) => [name, attributes?.["exception.message"]])).toEqual([
      ["exception", "the source fails"],
    ]);
  });

  test("a handler that throws late, after a response was built, ends its span once", async () => {
    handler = async () => {
      new ResponseThen("never sent", () => {});
      await pause(30);
      throw new TypeError("too late");
    };
    expect((await read("/throws"))[0]).toBe(500);
    const [span] = await ended();
    expect(span?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(span?.attributes["error.type"]).toBe("TypeError");
    expect(span?.events.map(({ name }) => name)).toEqual(["exception"]);
    expect(hrTimeToMilliseconds(span?.duration as [number, number])).toBeGreaterThanOrEqual(25);
    handler = () => new Response("Hello");
    await read("/");
    expect(await ended(2)).toHaveLength(2);
  });

  test("spans made in the handler, in callbacks and in bodies belong to it", async () => {
    const make = (name: string) => tracer.startSpan(name).end();
    handler = async (request) => {
      await pause(1);
      make("handler");
      const callback = async () => {
        make("callback");
        await pause(1);
        make("callback, later");
      };
      if (request.url.endsWith("/written")) {
        return ResponseThen.stream(async (writer) => {
          await writer.write("one");
          await pause(1);
          make("body");
          await writer.write("two");
        }, callback);
      }
      const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
        await pause(1);
        make("body");
        controller.enqueue(bytes("onetwo"));
        controller.close();
      };
      const source = { pull: request.url.endsWith("/bound") ? context.bind(context.active(), pull) : pull };
      return new ResponseThen(new ReadableStream(source, { highWaterMark: 0 }), callback);
    };
    for (const path of ["/written", "/bound"]) {
      expect((await read(path))[1]).toBe("onetwo");
      const [span] = await ended();
      await vi.waitUntil(() => spansNamed("callback, later").length > 0, { timeout: 10_000 });
      for (const name of ["handler", "body", "callback", "callback, later"]) {
        expect([name, spansNamed(name).map((child) => child.parentSpanContext?.spanId)]).toEqual([name, [idOf(span)]]);
      }
      exporter.reset();
    }
    // The server reads in a context of its own.
    expect((await read("/pulled"))[1]).toBe("onetwo");
    await ended();
    expect(spansNamed("body").map((child) => child.parentSpanContext)).toEqual([undefined]);
    await vi.waitUntil(() => spansNamed("callback, later").length > 0, { timeout: 10_000 });
  });

  test("a callback of a client that left belongs to the span", async () => {
    handler = () => new ResponseThen(lines(), { canceled: () => tracer.startSpan("left").end() });
    const exchange = await open("/lines");
    await exchange.readAtLeast(7);
    exchange.socket.resetAndDestroy();
    const [span] = await ended();
    await vi.waitUntil(() => spansNamed("left").length > 0, { timeout: 10_000 });
    expect(spansNamed("left").map((child) => child.parentSpanContext?.spanId)).toEqual([idOf(span)]);
  });

  test("100 requests at a time keep their own parents, and do not mix", async () => {
    const traces = Array.from({ length: 100 }, (_, index) => (index + 1).toString(16).padStart(32, "0"));
    handler = async ({ url, headers }) => {
      const id = new URL(url).searchParams.get("id") as string;
      expect(headers.get("traceparent")).toContain(id);
      await pause(Math.random() * 20);
      const child = (name: string) => () => tracer.startSpan(name, { attributes: { id } }).end();
      child("handler")();
      return ResponseThen.stream(async (writer) => {
        await pause(Math.random() * 20);
        child("body")();
        await writer.write(id);
      }, child("callback"));
    };
    await Promise.all(
      traces.map(async (id) => {
        const headers = { traceparent: `00-${id}-00000000000000aa-01` };
        const outgoing = ask(`${origin}/?id=${id}`, { headers, agent: false });
        outgoing.end();
        const [answer] = await once(outgoing, "response");
        let text = "";
        for await (const chunk of answer) text += chunk;
        expect(text).toBe(id);
      }),
    );
    const servers = await ended(100);
    await vi.waitUntil(() => spansNamed("callback").length >= 100, { timeout: 10_000 });
    expect(servers.map((span) => span.spanContext().traceId).sort()).toEqual(traces);
    for (const server of servers) {
      const { traceId, spanId } = server.spanContext();
      expect(server.parentSpanContext).toMatchObject({ traceId, spanId: "00000000000000aa", isRemote: true });
      const children = exporter.getFinishedSpans().filter(({ attributes }) => attributes.id === traceId);
      expect(children.map(({ name }) => name).sort()).toEqual(["body", "callback", "handler"]);
      for (const child of children) expect(child.parentSpanContext).toMatchObject({ traceId, spanId });
    }
  });
});

test("a span that is active already is the parent, whatever the client says", async () => {
  const outer = tracer.startSpan("of the server's instrumentation");
  const handler = compose(() => new Response("Hello"), traced(tracer));
  const headers = { traceparent: `00-${"1".repeat(32)}-${"2".repeat(16)}-01` };
  const response = await context.with(trace.setSpan(context.active(), outer), () =>
    handler(new Request("http://localhost/", { headers })),
  );
  await response.text();
  const [span] = await ended();
  expect(span?.parentSpanContext?.spanId).toBe(outer.spanContext().spanId);
  outer.end();
});

test("docs/opentelemetry.md shows the code of the example", () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
  const code = read("../examples/opentelemetry/traced.ts").split("\n").slice(1).join("\n");
  expect(read("../docs/opentelemetry.md")).toContain(`\`\`\`ts\n${code}\`\`\``);
});

describe("examples/opentelemetry", () => {
  let server: RunningProcess;
  let origin: string;
  beforeAll(async () => {
    const cwd = new URL("../examples/opentelemetry/", import.meta.url);
    server = startProcess([process.execPath, "server.ts"], { PORT: "0" }, cwd);
    const [, port] = await server.line(/http:\/\/localhost:(\d+)/);
    origin = `http://localhost:${port}`;
  });
  afterAll(() => server.close());

  test("writes a span with its children when the stream has ended, also at SIGTERM, and exits with 0", async () => {
    const exchange = await send(new URL(`${origin}/stream`));
    const begun = await exchange.readAtLeast(7);
    expect(server.printed.join("\n")).not.toContain("GET /stream");
    server.terminate();
    expect(begun + (await exchange.readAll()).length).toBe(151);
    expect(await server.exit).toEqual([0, null]);
    const printed = server.printed.join("\n");
    expect([...printed.matchAll(/^ {2}name: '(.*)'/gm)].map(([, name]) => name)).toEqual([
      "look up line 10",
      "look up line 20",
      "clean up",
      "GET /stream",
    ]);
    expect(new Set([...printed.matchAll(/^ {2}traceId: '(.*)'/gm)].map(([, id]) => id)).size).toBe(1);
    expect(printed).toContain("'http.response.body.size': 151");
    expect(Number(/duration: ([\d.]+),\n {2}attributes: \{\n {4}'http/.exec(printed)?.[1])).toBeGreaterThan(1_000_000);
    expect(server.complaints()).toBe("");
  });
});
