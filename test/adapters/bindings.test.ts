// What a platform gives beside the request may be anything: `outgoing` and `completed` are names that bindings have too.
import { setTimeout as pause } from "node:timers/promises";
import { type ExecutionContext, Hono } from "hono";
import { describe, expect, test } from "vitest";
import { logger as honoLogger, onFinished, ResponseThen, responseThen } from "../../adapters/hono.ts";
import { withResponseThen } from "../../adapters/node.ts";
import { compose, logger } from "../../src/middleware/index.ts";
import { fetchOnce } from "../client.ts";
import type { Running } from "../hosts/host.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";
import { settle } from "../told.ts";

/** What was answered, and what the callbacks were told. */
async function visit(path: string, env: object, ctx: object | undefined): Promise<unknown[]> {
  const events: string[] = [];
  const app = new Hono();
  app.use(honoLogger(() => {}));
  app.use(responseThen(({ type }) => void events.push(`for all ${type}`)));
  app.get("/plain", (c) => {
    onFinished(c, ({ type }) => void events.push(`added ${type}`));
    return c.text("text");
  });
  app.get("/own", () => new ResponseThen("text", ({ type }) => void events.push(`own ${type}`)));
  const response = await app.fetch(new Request(`http://localhost${path}`), env, ctx as ExecutionContext);
  const text = await response.text();
  await settle();
  return [response.status, text, ...events.sort()];
}

const wanted = {
  "/plain": [200, "text", "added completed", "for all completed"],
  "/own": [200, "text", "for all completed", "own completed"],
};

// It was asked for its waitUntil, which threw, and Hono answered 500.
describe("Hono with a ctx that has no waitUntil", () => {
  test.for([{}, { waitUntil: undefined }, { waitUntil: null }, { waitUntil: "yes" }, { passThroughOnException() {} }])(
    "%o",
    async (ctx) => {
      for (const [path, told] of Object.entries(wanted)) expect(await visit(path, {}, ctx)).toEqual(told);
    },
  );
});

/** Bindings that are called as what other runtimes give. */
const bindings: [string, object][] = [
  ...["text", 1, true, {}, [], () => {}, new Map()].map(
    (value) => ["outgoing", { outgoing: value }] as [string, object],
  ),
  ...["text", 1, true, {}, [], () => {}, new Map()].map(
    (value) => ["completed", { completed: value }] as [string, object],
  ),
];

// A text has no on(), and no then().
describe("a binding that happens to be called as what another runtime gives is left alone", () => {
  test.for(bindings)("Hono: %s: %o", async ([, env]) => {
    for (const [path, told] of Object.entries(wanted)) expect(await visit(path, env, undefined)).toEqual(told);
  });

  test.for(bindings)("withResponseThen of Node: %s: %o", async ([, env]) => {
    const events: string[] = [];
    const fetch = withResponseThen(
      (_request: Request, _env: object) => new ResponseThen("text", ({ type }) => void events.push(type)),
    );
    expect(await (await fetch(new Request("http://localhost/"), env)).text()).toBe("text");
    await settle();
    expect(events).toEqual(["completed"]);
  });

  test.for(bindings)("the logger of response-then/middleware: %s: %o", async ([, env]) => {
    const lines: string[] = [];
    const fetch = compose(
      (_request: Request, _env: object) => new Response("text"),
      logger({ sink: (line) => void lines.push(line) }),
    );
    expect(await (await fetch(new Request("http://localhost/"), env)).text()).toBe("text");
    await settle();
    expect(lines).toEqual([expect.stringContaining("completed")]);
  });
});

describe.each([
  ["workerd 1.20260730", undefined],
  ["workerd 1.20261023", newestWorkerd],
])("on %s", (_host, binary) => {
  // The stub of a service answers to every name: it has an on(), and a then() as well.
  test.for([
    ["outgoing, a text", { bindings: { outgoing: "text" } }],
    ["completed, a text", { bindings: { completed: "text" } }],
    ["outgoing, a KV namespace", { kvNamespaces: ["outgoing"] }],
    ["completed, a KV namespace", { kvNamespaces: ["completed"] }],
    ["outgoing, a service", { serviceBindings: { outgoing: () => new Response("service") } }],
    ["completed, a service", { serviceBindings: { completed: () => new Response("service") } }],
    ["outgoing, a queue", { queueProducers: { outgoing: "queue" } }],
    ["completed, a queue", { queueProducers: { completed: "queue" } }],
  ] as const)("a Worker with a Hono app answers, and its callbacks run: %s", async ([, options]) => {
    const worker: Running = await startWorker(new URL("./bindings-worker.ts", import.meta.url), {
      ...(binary !== undefined && { binary }),
      options: options as object,
    });
    try {
      const get = async (path: string) => (await fetchOnce(`http://127.0.0.1:${worker.port}${path}`)).text();
      expect([await get("/text"), await get("/logged")]).toEqual(["text", "text"]);
      let events: string[] = [];
      for (let i = 0; i < 100 && events.length < 3; i++) {
        events = JSON.parse(await get("/events"));
        await pause(20);
      }
      expect(events).toEqual(
        expect.arrayContaining(["added completed", expect.stringMatching(/^completed \w/), "completed (handed-over)"]),
      );
    } finally {
      await worker.close();
    }
  });
});
