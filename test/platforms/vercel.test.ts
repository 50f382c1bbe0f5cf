// A function on Vercel's Edge Runtime (the package, by its own server) and on Node, with the request's context as Vercel
// sets it up. Vercel itself is not run.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ResponseThen, withResponseThen } from "../../adapters/vercel.ts";
import example from "../../examples/vercel/api/index.ts";
import { send } from "../client.ts";
import { thrownBy } from "../thrown-by.ts";
import { into, settle } from "../told.ts";
import { type Running, startEdge, startNode } from "./vercel/runtimes.ts";

describe.each([
  { name: "the Edge Runtime", start: startEdge },
  { name: "Node", start: () => startNode() },
])("on $name the function lasts until the callbacks have settled:", ({ name, start }) => {
  let server: Running;
  let requests = 0;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server?.close());

  async function ask(route: string, method = "GET") {
    const id = `${++requests}`;
    return { id, ...(await send(new URL(`${server.origin}/${route}?id=${id}`), { method })) };
  }

  /** What was noted about a request, once the function is over, and a little later. */
  async function notesOf(id: string, last = "over"): Promise<string[]> {
    await vi.waitUntil(() => server.notesOf(id).includes(last), { timeout: 10_000, interval: 20 }).catch(() => {});
    await pause(100);
    return server.notesOf(id);
  }

  test.each<[route: string, status: number, length: number, notes: string[]]>([
    ["alone/string", 200, 5, ["own: completed, pulled, 200, 5 bytes"]],
    ["alone/stream", 200, 5_000, ["own: completed, pulled, 200, 5000 bytes"]],
    ["alone/nothing", 204, 0, ["own: completed, handed-over, 204, 0 bytes"]],
    ["wrapped/stream", 200, 5_000, ["own: completed, pulled, 200, 5000 bytes"]],
    ["wrapped/core", 200, 5, ["own: completed, pulled, 200, 5 bytes"]],
    ["told/plain", 200, 5, ["adapter: completed, pulled, 200, 5 bytes"]],
    [
      "told/stream",
      200,
      5_000,
      ["own: completed, pulled, 200, 5000 bytes", "adapter: completed, pulled, 200, 5000 bytes"],
    ],
    [
      "told/nothing",
      204,
      0,
      ["own: completed, handed-over, 204, 0 bytes", "adapter: completed, handed-over, 204, 0 bytes"],
    ],
  ])("%s", async (route, status, length, notes) => {
    const exchange = await ask(route);
    expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([status, length]);
    expect(await notesOf(exchange.id)).toEqual([...notes, "over"]);
  });

  // Why there is an adapter.
  test("and not with the class of response-then alone", async () => {
    const { id, readAll } = await ask("alone/core");
    await readAll();
    const own = "own: completed, pulled, 200, 5 bytes";
    expect(await notesOf(id, own)).toEqual(["over", own]);
  });

  test("HEAD", async () => {
    const { id, readAll } = await ask("told/stream", "HEAD");
    expect((await readAll()).byteLength).toBe(0);
    const ended = "completed, handed-over, 200, 0 bytes";
    expect(await notesOf(id)).toEqual(["source canceled", `own: ${ended}`, `adapter: ${ended}`, "over"]);
  });

  test("a socket that is reset in the middle", async () => {
    const { id, readAtLeast, socket } = await ask("told/flowing");
    await readAtLeast(1_500);
    socket.resetAndDestroy();
    const ended = "canceled, pulled, 200, AbortError";
    expect(await notesOf(id)).toEqual(["source canceled", `own: ${ended}`, `adapter: ${ended}`, "over"]);
  });

  test("built and dropped", async () => {
    const { id, readAll } = await ask("told/dropped");
    expect(String(await readAll())).toBe("another");
    // Without AsyncLocalStorage the scope ends at the handler's await, and what is built after it as with the class alone.
    const own = name === "Node" ? "canceled, handed-over, 200, AbandonedError" : "completed, handed-over, 200, 0 bytes";
    const notes = await notesOf(id);
    expect(notes.sort()).toEqual(["adapter: completed, pulled, 200, 7 bytes", "over", `own: ${own}`]);
  });

  // Not on the Edge Runtime: its server lets what a handler throws end the process.
  test.runIf(name === "Node")("a source that fails, and a handler that throws", async () => {
    // The server prints both.
    vi.spyOn(console, "error").mockImplementation(() => {});
    const failing = await ask("told/fails");
    await expect(failing.readAll()).rejects.toThrow();
    const failed = "errored, pulled, 200, Error: source failed";
    expect(await notesOf(failing.id)).toEqual([`own: ${failed}`, `adapter: ${failed}`, "over"]);

    const throwing = await ask("told/nonsense");
    await throwing.readAll();
    vi.restoreAllMocks();
    const threw = "adapter: errored, handed-over, 500, Error: no such answer";
    expect([throwing.status, await notesOf(throwing.id)]).toEqual([500, [threw, "over"]]);
  });

  test("each request's context waits for its own", async () => {
    const exchanges = await Promise.all(["alone/stream", "alone/string", "told/stream"].map((route) => ask(route)));
    await Promise.all(exchanges.map(({ readAll }) => readAll()));
    for (const { id } of exchanges) expect((await notesOf(id)).at(-1)).toBe("over");
  });
});

test("examples/vercel logs a text, and a stream that its client leaves", async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line) => lines.push(line));
  const server = await startNode(example.fetch);
  const over = (count: number) => vi.waitUntil(() => server.notesOf("").length >= count, { timeout: 10_000 });
  try {
    const text = await send(new URL(`${server.origin}/api`));
    expect(String(await text.readAll())).toBe("Hello\n");
    await over(1);
    const stream = await send(new URL(`${server.origin}/api?stream`));
    await stream.readAtLeast(7);
    stream.socket.resetAndDestroy();
    await over(2);
  } finally {
    await server.close();
    vi.restoreAllMocks();
  }
  expect(lines).toEqual([
    expect.stringMatching(/^GET \/api 200 completed, 6 bytes in \d+ ms, pulled$/),
    expect.stringMatching(/^GET \/api 200 canceled, \d+ bytes in \d+ ms, pulled$/),
  ]);
});

describe("off Vercel, and where a context has no waitUntil,", () => {
  const symbol = Symbol.for("@vercel/request-context");
  const globals = globalThis as unknown as Record<symbol, unknown>;

  test.each([undefined, {}, { get: () => undefined }, { get: () => ({}) }])("callbacks run: %o", async (holder) => {
    const events: unknown[] = [];
    globals[symbol] = holder;
    try {
      const fetch = withResponseThen(() => new ResponseThen("Hello", into(events, "own")), into(events, "adapter"));
      expect(await (await fetch(new Request("http://localhost/"))).text()).toBe("Hello");
      await settle();
    } finally {
      delete globals[symbol];
    }
    expect(events).toEqual([
      ["own", "completed", "pulled", 200],
      ["adapter", "completed", "pulled", 200],
    ]);
  });
});

test("a handler that is none, and a callback that is none, throw at the call", () => {
  expect(thrownBy(() => withResponseThen({ fetch() {} } as never))).toBe(
    "TypeError: handler: expected a fetch function, got Object",
  );
  expect(thrownBy(() => withResponseThen(() => new Response(), 1 as never))).toContain("TypeError: callback: expected");
});
