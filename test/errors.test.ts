// Every message that the library throws or reports, each by a call that provokes it, and docs/errors.md, which explains
// them. The sources are read: a new message without a row here and there fails.
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Hono } from "hono";
import { afterEach, describe, expect, test, vi } from "vitest";
import * as lambda from "../adapters/aws-lambda.ts";
import * as bullmq from "../adapters/bullmq.ts";
import * as bun from "../adapters/bun.ts";
import * as elsewhere from "../adapters/cloudflare-elsewhere.ts";
import * as queues from "../adapters/cloudflare-queue.ts";
import * as deno from "../adapters/deno.ts";
import * as hono from "../adapters/hono.ts";
import * as netlify from "../adapters/netlify.ts";
import * as next from "../adapters/next.ts";
import * as node from "../adapters/node.ts";
import * as serviceWorker from "../adapters/service-worker.ts";
import * as srvx from "../adapters/srvx.ts";
import * as vercel from "../adapters/vercel.ts";
import type { BodyWriter } from "../src/body/written-body.ts";
import { abandonUnread, stampOf, wrapHandler } from "../src/exchange/index.ts";
import { READ_ON } from "../src/expected.ts";
import { type Canceled, drain, type Outcome, ResponseThen, type ResponseThenInit } from "../src/index.ts";
import { compose, headers, logger, transform } from "../src/middleware/index.ts";
import { outcomeOf } from "../src/testing.ts";
import { startWorker } from "./hosts/workerd.ts";
import { type Message, messagesOf } from "./messages.ts";
import { root, run } from "./run.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

// biome-ignore lint/suspicious/noExplicitAny: what is given here is wrong on purpose
type Wrong = any;
const wrong: Wrong = "x";
const nothing = () => {};
const request = (method = "GET") => new Request("http://localhost/", { method });
const answered = (response: unknown) => () => response as Response;
const stream = (source: UnderlyingDefaultSource = {}) => new ReadableStream(source);
const withInit = (init: Wrong) => new ResponseThen("Hello", nothing, init as ResponseThenInit);

/** The file that says it, what it says without where to read on, and what provokes it. */
type Row = readonly [file: string, message: string, run: () => unknown];

const FETCH = "TypeError: handler: expected a fetch function, got string x";
const ANSWER = "TypeError: the handler's answer: expected a Response, got string x";

/** Bad arguments: thrown at the call, or where a function gave what it may not. */
const ARGUMENTS: readonly Row[] = [
  ["adapters/aws-lambda.ts", FETCH, () => lambda.withResponseThen(wrong)],
  [
    "adapters/aws-lambda.ts",
    "TypeError: event: expected a function URL event (payload format 2.0), got Object",
    () => onLambda(answered(null))({} as Wrong, {} as Wrong, CONTEXT as Wrong),
  ],
  [
    "adapters/bullmq.ts",
    "TypeError: queue: expected BullMQ's Queue, with the method add, got string x",
    () => bullmq.enqueue(wrong, "bill", nothing),
  ],
  [
    "adapters/bullmq.ts",
    'TypeError: name: expected a non-empty string, got string ""',
    () => bullmq.enqueue({ add: async () => {} } as Wrong, "", nothing),
  ],
  [
    "adapters/bullmq.ts",
    "TypeError: options: expected an object, got string x",
    () => bullmq.enqueue({ add: async () => {} } as Wrong, "bill", nothing, wrong),
  ],
  [
    "adapters/bullmq.ts",
    "TypeError: jobId: expected a non-empty string, got number 5",
    () => bullmq.enqueue({ add: async () => {} } as Wrong, "bill", nothing, { jobId: 5 } as Wrong),
  ],
  [
    "adapters/bun.ts",
    "TypeError: handler: expected a fetch function, or that of a route, got string x",
    () => bun.withResponseThen(wrong),
  ],
  [
    "adapters/cloudflare-queue.ts",
    "TypeError: queue: expected a producer binding, with the method send, got Undefined",
    () => queues.enqueue(undefined as Wrong, nothing),
  ],
  [
    "adapters/cloudflare-queue.ts",
    "TypeError: options: expected an object, got string x",
    () => queues.enqueue({ send: async () => {} }, nothing, wrong),
  ],
  [
    "adapters/cloudflare-queue.ts",
    "TypeError: contentType: expected one of text, bytes, json, v8, got string x",
    () => queues.enqueue({ send: async () => {} }, nothing, { contentType: wrong }),
  ],
  [
    "src/exchange/wrap-worker.ts",
    "TypeError: worker: expected a fetch function, or an object with fetch() (not a class: wrap its fetch), got Object",
    () => onWorkerd("noWorker"),
  ],
  [
    "src/exchange/wrap-worker.ts",
    "TypeError: worker: expected a fetch function, or an object with fetch() (not a class: wrap its fetch), got Object",
    () => elsewhere.withResponseThen({}),
  ],
  ["adapters/deno.ts", FETCH, () => deno.withResponseThen(wrong)],
  ["adapters/hono.ts", "TypeError: print: expected a function, got string x", () => hono.logger(wrong)],
  ["adapters/netlify.ts", FETCH, () => netlify.withResponseThen(wrong)],
  [
    "adapters/next.ts",
    "TypeError: handler: expected a route handler, got string x",
    () => next.withResponseThen(wrong),
  ],
  ["adapters/node.ts", FETCH, () => node.withResponseThen(wrong)],
  [
    "adapters/node.ts",
    "TypeError: res: expected Node's ServerResponse, got string x",
    () => node.handOver(new Response(), wrong),
  ],
  [
    "adapters/node.ts",
    "TypeError: response: expected a Response, got string x",
    () => node.handOver(wrong, { on: nothing } as Wrong),
  ],
  ["adapters/service-worker.ts", FETCH, () => serviceWorker.withResponseThen(wrong)],
  ["adapters/srvx.ts", FETCH, () => srvx.withResponseThen(wrong)],
  ["adapters/vercel.ts", FETCH, () => vercel.withResponseThen(wrong)],
  [
    "src/lifecycle/callbacks.ts",
    "TypeError: callback: expected a function, or an object of functions completed,canceled,errored,finally, or an array of these, got string x",
    () => new ResponseThen("Hello", wrong),
  ],
  [
    "src/body/content.ts",
    "RangeError: status: expected a number from 200 to 599, got number 700",
    () => withInit({ status: 700 }),
  ],
  [
    "src/body/content.ts",
    "TypeError: body: expected null for status 204, got string Hello",
    () => withInit({ status: 204 }),
  ],
  [
    "src/body/content.ts",
    "TypeError: body: expected an unlocked stream, got ReadableStream",
    () => {
      const body = stream();
      body.getReader();
      return new ResponseThen(body, nothing);
    },
  ],
  ["src/middleware/compose.ts", FETCH, () => compose(wrong)],
  [
    "src/middleware/compose.ts",
    "TypeError: middleware 2 of 2: expected a function, got string x",
    () => compose(answered(null), logger(), wrong),
  ],
  [
    "src/middleware/compose.ts",
    "TypeError: what middleware 1 of 1 returned: expected a fetch function, got string x",
    () => compose(answered(null), () => wrong),
  ],
  ["src/middleware/headers.ts", ANSWER, () => headers({})(answered("x"))(request())],
  ["src/middleware/headers.ts", "TypeError: headers: expected an object, got string x", () => headers(wrong)],
  [
    "src/middleware/headers.ts",
    "TypeError: headers: expected pairs of name and value, got string x-a",
    () => headers(["x-a"] as Wrong),
  ],
  [
    "src/middleware/headers.ts",
    'TypeError: headers: expected the name of a header, got string "x a"',
    () => headers({ "x a": "1" }),
  ],
  [
    "src/middleware/headers.ts",
    'TypeError: header x-a: expected a string of one line, in Latin-1, or null, got string "1\\n2"',
    () => headers({ "x-a": "1\n2" }),
  ],
  [
    "src/middleware/log-format.ts",
    'TypeError: format: expected "dev", "common", "combined", "json" or a function, got string x',
    () => logger({ format: wrong }),
  ],
  ["src/middleware/logger.ts", "TypeError: options: expected an object, got string x", () => logger(wrong)],
  ["src/middleware/logger.ts", "TypeError: sink: expected a function, got string x", () => logger({ sink: wrong })],
  ["src/middleware/logger.ts", "TypeError: remote: expected a function, got string x", () => logger({ remote: wrong })],
  ["src/exchange/wrap-handler.ts", ANSWER, () => logger({ sink: nothing })(answered("x"))(request())],
  [
    "src/middleware/pieces.ts",
    "TypeError: a piece of the body: expected text or bytes, got number 7",
    () => {
      const numbers = stream({ start: (controller) => controller.enqueue(7) });
      return readTransformed((text: string) => text, new ResponseThen(numbers, nothing));
    },
  ],
  [
    "src/middleware/redact.ts",
    "TypeError: redact: expected an array of names, or a function, got string x",
    () => logger({ redact: wrong }),
  ],
  ["src/middleware/transform.ts", ANSWER, () => transform(nothing as Wrong)(answered("x"))(request())],
  ["src/middleware/transform.ts", "TypeError: options: expected an object, got string x", () => shout(wrong)],
  ["src/middleware/transform.ts", "TypeError: when: expected a function, got string x", () => shout({ when: wrong })],
  [
    "src/middleware/transform.ts",
    'TypeError: unfit: expected "error" or "skip", got string x',
    () => shout({ unfit: wrong }),
  ],
  [
    "src/middleware/transform.ts",
    "TypeError: decoded: expected a boolean, got string x",
    () => shout({ decoded: wrong }),
  ],
  [
    "src/middleware/transformation.ts",
    "TypeError: transformation: expected a function that makes a TransformStream for each body, got TransformStream",
    () => transform(new TransformStream() as Wrong),
  ],
  [
    "src/middleware/transformation.ts",
    "TypeError: transformation: expected a TransformStream, or an object { transform(text), flush() }, got string x",
    () => transform(wrong),
  ],
  ["src/lifecycle/options.ts", "TypeError: options: expected an object, got string x", () => withInit("x")],
  [
    "src/lifecycle/options.ts",
    "TypeError: onError: expected a function, got string x",
    () => withInit({ onError: "x" }),
  ],
  [
    "src/lifecycle/options.ts",
    'TypeError: onCancel: expected "cancel" or "consume", got string x',
    () => withInit({ onCancel: "x" }),
  ],
  [
    "src/lifecycle/options.ts",
    "TypeError: consumeLimit: expected an object { bytes, ms }, got string x",
    () => withInit({ consumeLimit: "x" }),
  ],
  [
    "src/queues/queue-callback.ts",
    "TypeError: message: expected a function of the outcome, got string x",
    () => queues.enqueue({ send: async () => {} }, wrong),
  ],
  [
    "src/response-then.ts",
    "TypeError: response: expected a Response, got string x",
    () => ResponseThen.from(wrong, nothing),
  ],
  ["src/testing.ts", "TypeError: response: expected a ResponseThen, got string x", () => outcomeOf(wrong)],
  [
    "src/testing.ts",
    "TypeError: response: expected a ResponseThen, got a Response without callbacks",
    () => outcomeOf(new Response()),
  ],
  ["src/expected.ts", "RangeError: timeout: expected a number, 0 or more, got number -1", () => drain({ timeout: -1 })],
  [
    "src/lifecycle/options.ts",
    "TypeError: waitUntil: expected a function, or an object with the method waitUntil, got string x",
    () => withInit({ waitUntil: "x" }),
  ],
  ["src/exchange/wrap-handler.ts", ANSWER, () => srvx.withResponseThen(answered("x"))(request())],
  [
    "src/body/written-body.ts",
    "TypeError: write: expected a function, got string x",
    () => ResponseThen.stream(wrong, nothing),
  ],
  [
    "src/body/written-body.ts",
    "TypeError: piece: expected text or bytes, got number 7",
    () => ResponseThen.stream((writer) => writer.write(7 as Wrong), nothing).text(),
  ],
];

/** What was done at the wrong place or time, and what nobody would look for: they say what happened. */
const SITUATIONS: readonly Row[] = [
  [
    "adapters/aws-lambda.ts",
    "Error: There is no awslambda: withResponseThen works on AWS Lambda only",
    () => lambda.withResponseThen(answered(null)),
  ],
  [
    "adapters/cloudflare.ts",
    "Error: ResponseThen was built at global scope: build it while a request is handled",
    () => onWorkerd("globalScope"),
  ],
  ["adapters/cloudflare.ts", "Error: The body was released unread", () => onWorkerd("unread")],
  [
    "adapters/hono.ts",
    "Error: onFinished was called before there is a response: install the middleware, app.use(responseThen())",
    async () => {
      let thrown: unknown;
      const app = new Hono().get("/", (c) => {
        hono.onFinished(c, nothing);
        return c.text("Hello");
      });
      app.onError((error, c) => {
        thrown = error;
        return c.text("failed", 500);
      });
      await app.request("/");
      throw thrown;
    },
  ],
  [
    "src/lifecycle/lifecycle.ts",
    "AbandonedError: The response was never read to its end nor canceled",
    async () => {
      const { finished } = new ResponseThen("Hello", nothing);
      let ended: Outcome | undefined;
      void finished.then((outcome) => {
        ended = outcome;
      });
      for (let i = 0; i < 200 && !ended; i++) {
        gc();
        await turn();
      }
      return reasonOf(finished);
    },
  ],
  [
    "src/lifecycle/run.ts",
    "TimeoutError: A callback took longer than the timeout of 1 ms",
    () => new Promise((_, onError) => void withCallback(() => new Promise(nothing), { timeout: 1, onError })),
  ],
  [
    "src/lifecycle/run.ts",
    "console.error: response-then: a callback failed",
    () => complaintOf(() => withCallback(fail)),
  ],
  [
    "src/exchange/listed.ts",
    "AbandonedError: Nobody sent the response or began to read it within 1 ms",
    () => {
      let dropped: ResponseThen | undefined;
      const handler = () => {
        dropped = new ResponseThen(null, nothing);
        return new Response("another");
      };
      wrapHandler(handler, () => ({ method: "GET", abandonAfter: 1 }))(request());
      return reasonOf(dropped?.finished);
    },
  ],
  ["src/exchange/hand-over.ts", "TypeError: The body was read or sent before", () => onDeno(SENT_TWICE)],
  [
    "src/exchange/hand-over.ts",
    "AbandonedError: Nobody began to read the response within 1 ms",
    () => {
      const response = new ResponseThen(stream(), nothing);
      const { lifecycle } = stampOf(response) ?? {};
      if (lifecycle) abandonUnread(lifecycle, 1);
      return reasonOf(response.finished);
    },
  ],
  [
    "src/middleware/logger.ts",
    "console.error: response-then: the logger's remote failed",
    () => complaintOf(() => void logger({ remote: fail, sink: nothing })(answered(new Response()))(request())),
  ],
  [
    "src/middleware/transform.ts",
    "TypeError: A response cannot be transformed: it is partial (status 206)",
    () => shout()(answered(new Response("a", { status: 206 })))(request()),
  ],
  [
    "src/middleware/transform.ts",
    "TypeError: A response cannot be transformed: its content-encoding is br, and text must not be encoded; compress after transform()",
    () => shout()(answered(new Response("a", { headers: { "content-encoding": "br" } })))(request()),
  ],
  [
    "src/middleware/transform.ts",
    "TypeError: A response cannot be transformed: its charset is latin1, and not UTF-8",
    () =>
      shout()(answered(new Response("a", { headers: { "content-type": "text/plain; charset=latin1" } })))(request()),
  ],
  [
    "src/middleware/transform.ts",
    "TypeError: A response cannot be transformed: its body is in use",
    async () => {
      const used = new Response("a");
      await used.text();
      return shout()(answered(used))(request());
    },
  ],
  [
    "src/body/watched-body.ts",
    "Error: The body was released unread",
    () => {
      const response = new ResponseThen(stream(), nothing);
      answerHead(response);
      return response.text();
    },
  ],
  [
    "src/body/written-body.ts",
    "Error: The body has ended: it is too late to write",
    async () => {
      let late: (() => Promise<void>) | undefined;
      const write = (writer: BodyWriter) => {
        late = () => writer.write("late");
      };
      await ResponseThen.stream(write, nothing).text();
      return late?.();
    },
  ],
  [
    "src/body/written-body.ts",
    "console.error: response-then: a body failed after its end",
    () =>
      complaintOf(() => {
        const write = async (writer: BodyWriter) => {
          writer.close();
          fail();
        };
        void ResponseThen.stream(write, nothing).text();
      }),
  ],
];

/** What happens every day, as the reason of an outcome, or as the reason by which a source is canceled: for no one to act on. */
const REASONS: readonly Row[] = [
  [
    "src/middleware/transformed-body.ts",
    "Error: The transformation ended the body before its source",
    () =>
      new Promise((_, cancel) => {
        const source = stream({ pull: (controller) => controller.enqueue(new Uint8Array(1)), cancel });
        const first = () =>
          new TransformStream({
            transform(piece, controller) {
              controller.enqueue(piece);
              controller.terminate();
            },
          });
        void readTransformed(first, new Response(source));
      }),
  ],
  [
    "src/lifecycle/outcome.ts",
    "AbortError: The response was canceled before its end",
    async () => {
      const response = new ResponseThen("Hello", nothing);
      await response.body?.cancel();
      return reasonOf(response.finished);
    },
  ],
  [
    "src/exchange/hand-over.ts",
    "Error: Nobody reads the body of this response",
    () => new Promise((_, cancel) => answerHead(new ResponseThen(stream({ cancel }), nothing))),
  ],
  [
    "src/exchange/listed.ts",
    "Error: Nobody reads the body of this response",
    () =>
      new Promise((_, cancel) => {
        const handler = () => new Response(null, new ResponseThen(stream({ cancel }), nothing));
        wrapHandler(handler, () => ({ method: "HEAD" }))(request("HEAD"));
      }),
  ],
  [
    "src/exchange/host-signals.ts",
    "AbandonedError: Another response was sent in its place",
    async () => {
      const server = createServer((_, res) => {
        const response = node.handOver(new ResponseThen(stream(), nothing), res) as ResponseThen;
        res.writeHead(500).end();
        server.emit("answered", response.finished);
      }).listen(0);
      get({ port: (server.address() as AddressInfo).port }, (response) => response.resume());
      const [finished] = await once(server, "answered");
      try {
        return await reasonOf(finished);
      } finally {
        server.close();
      }
    },
  ],
  [
    "src/exchange/node.ts",
    "AbortError: The client left before the end of the response",
    async () => {
      const server = createServer((_, res) => {
        const response = node.handOver(new ResponseThen(stream(), nothing), res) as ResponseThen;
        res.write("a");
        server.emit("answered", response.finished);
      }).listen(0);
      const client = get({ port: (server.address() as AddressInfo).port }, (response) => response.destroy());
      client.on("error", nothing);
      const [finished] = await once(server, "answered");
      try {
        return await reasonOf(finished);
      } finally {
        server.close();
      }
    },
  ],
];

const CONTEXT = { getRemainingTimeInMillis: () => 5_000 };

/** A handler as Lambda takes it. Its own runtime is met in adapters/aws-lambda.test.ts. */
function onLambda(handler: () => Response): lambda.LambdaHandler {
  const same = (given: unknown) => given;
  vi.stubGlobal("awslambda", { streamifyResponse: same, HttpResponseStream: { from: same } });
  return lambda.withResponseThen(handler);
}

const SENT_TWICE = `
  const { wrapHandler } = await import(${JSON.stringify(new URL("../src/exchange/index.ts", import.meta.url).href)});
  const response = new Response("Hello");
  await response.text();
  const answer = wrapHandler(() => response, () => ({ method: "GET" }), ({ error }) => console.log(String(error)));
  answer(new Request("http://localhost/"));
`;

/** What a program prints on Deno. */
async function onDeno(code: string): Promise<string> {
  return (await run("npx", ["--no-install", "deno", "eval", code])).stdout.trim();
}

let inWorker: Promise<Record<string, string>> | undefined;

/** What the adapter said in a Worker. */
async function onWorkerd(what: string): Promise<string | undefined> {
  inWorker ??= (async () => {
    const worker = await startWorker(new URL("./errors-worker.ts", import.meta.url), {});
    try {
      const response = await fetch(`http://127.0.0.1:${worker.port}/`);
      return (await response.json()) as Record<string, string>;
    } finally {
      await worker.close();
    }
  })();
  return (await inWorker)[what];
}

function fail(): never {
  throw new Error("failed");
}

function shout(options?: Wrong): ReturnType<typeof transform> {
  return transform((text) => text.toUpperCase(), options);
}

async function readTransformed(transformation: Wrong, response: Response): Promise<string> {
  return (await transform(transformation)(answered(response))(request())).text();
}

/** Reads a response with this callback to its end. */
async function withCallback(callback: () => unknown, options: Wrong = {}): Promise<void> {
  const response = new ResponseThen("Hello", callback, options as ResponseThenInit);
  await response.text();
  await response.finished;
}

/** Answers a HEAD with it: its body is released. */
function answerHead(response: ResponseThen): void {
  wrapHandler(
    () => response,
    () => ({ method: "HEAD" }),
  )(request("HEAD"));
}

async function reasonOf(finished: Promise<Outcome> | undefined): Promise<never> {
  throw ((await finished) as Canceled).reason;
}

/** What is reported while, or after, `run` runs. */
async function complaintOf(run: () => unknown): Promise<string> {
  const complain = vi.spyOn(console, "error").mockImplementation(nothing);
  run();
  await vi.waitUntil(() => complain.mock.calls.length > 0);
  return `console.error: ${complain.mock.calls[0]?.[0]}`;
}

/** What a row's call throws, rejects with or gives. */
async function saidBy(run: () => unknown): Promise<string> {
  try {
    return `${await run()}`;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a bad argument is told: what it is, what was expected, what was given, and where to read on", () => {
  test.for(ARGUMENTS)("%s: %s", async ([, message, run]) => {
    expect(await saidBy(run)).toBe(message + READ_ON);
    expect(message).toMatch(/^(Type|Range)Error: .+: expected .+, got /);
  });
});

describe("what was done wrongly elsewhere is told, and where to read on", () => {
  test.for(SITUATIONS)("%s: %s", async ([, message, provoke]) => {
    expect(await saidBy(provoke)).toBe(message + READ_ON);
  });
});

describe("what is nobody's mistake is a reason, and says what happened", () => {
  test.for(REASONS)("%s: %s", async ([, message, run]) => {
    expect(await saidBy(run)).toBe(message);
  });
});

describe("the list is whole", () => {
  const rows = [...ARGUMENTS, ...SITUATIONS, ...REASONS];
  const sources = globSync(["src/**/*.ts", "adapters/*.ts"], { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
  // `named` and `abandoned` make an error of what they are given.
  const messages = sources
    .flatMap(messagesOf)
    .filter(({ file, text }) => file !== "src/lifecycle/outcome.ts" || text !== "…");
  const explained = readFileSync(join(root, "docs/errors.md"), "utf8");

  test("every message of the sources has a row", () => {
    const without = messages.filter((message) => !rows.some((row) => fits(row, message)));
    expect(without).toEqual([]);
  });

  test("every row has a message", () => {
    expect(rows.filter((row) => !messages.some((message) => fits(row, message)))).toEqual([]);
  });

  test("docs/errors.md has every message, and no other", () => {
    const inTables = [...explained.matchAll(/^\| `+ ?(.*?) ?`+ \|/gm)].map(([, text]) => text as string);
    expect(inTables.toSorted()).toEqual([...new Set(messages.map(({ text }) => text))].toSorted());
  });
});

/** Whether a row provokes this message of a source. */
function fits([file, said]: Row, message: Message): boolean {
  const parts = message.text.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return file === message.file && new RegExp(`^[\\w.]+: ${parts.join(".*")}$`, "s").test(said);
}
