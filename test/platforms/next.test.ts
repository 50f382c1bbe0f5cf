// Route handlers in a real Next: built for production, and started by `next start`.
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ResponseThen, withResponseThen } from "../../adapters/next.ts";
import { send } from "../client.ts";
import { thrownBy } from "../thrown-by.ts";
import { into, settle } from "../told.ts";
import { type App, buildApp, type RunningApp } from "./next/app.ts";

type Note = readonly unknown[];

describe("route handlers", () => {
  let app: App;
  let server: RunningApp;
  let requests = 0;
  const asked = new Map<string, string>();

  beforeAll(async () => {
    app = await buildApp([
      new URL("./next/routes/", import.meta.url),
      new URL("../../examples/next/", import.meta.url),
    ]);
    server = await app.start();
    // A build takes 10 s of a quiet machine.
  }, 300_000);
  afterAll(async () => {
    await server?.close();
    app?.remove();
  });

  async function ask(route: string, method = "GET") {
    const id = `${++requests}`;
    asked.set(id, route);
    return { id, ...(await send(new URL(`${server.origin}/${route}?id=${id}`), { method })) };
  }

  async function notes(): Promise<Record<string, Note[]>> {
    const { readAll } = await send(new URL(`${server.origin}/notes`));
    return Object.fromEntries(JSON.parse(String(await readAll())));
  }

  /** What was noted about a request, once it is as much as expected; the end of the tests sees what comes later. */
  async function notesOf(id: string, count: number, which = (_: Note) => true): Promise<Note[]> {
    let found: Note[] = [];
    const enough = async () => {
      found = ((await notes())[id] ?? []).filter(which);
      return found.length >= count;
    };
    await vi.waitUntil(enough, { timeout: 10_000, interval: 50 }).catch(() => {});
    return found;
  }

  const ended = (type: string, observed: string, status: number, ...rest: unknown[]) => ({
    own: ["own", type, observed, status, ...rest],
    adapter: ["adapter", type, observed, status, ...rest],
  });
  const pulled = (bytes: number) => ended("completed", "pulled", 200, bytes);
  const handedOver = (status: number, tail: unknown = 0) => ended("completed", "handed-over", status, tail);
  const threw = (status: number) => ended("errored", "handed-over", status, "Error: no answer", "before-body");
  const failed = ended("errored", "pulled", 200, "Error: source failed", "mid-body");
  const abandoned = ended("canceled", "handed-over", 200, "AbandonedError", "before-body");
  const left = ended("canceled", "pulled", 200, "ResponseAborted", "mid-body");

  test.each<[route: string, status: number, body: string | number, notes: Note[]]>([
    ["alone/string", 200, "Hello", [pulled(5).own]],
    ["alone/stream", 200, 5_000, [pulled(5_000).own]],
    ["alone/nothing", 204, "", [handedOver(204).own]],
    ["wrapped/string", 200, "Hello", [pulled(5).own]],
    ["told/string", 200, "Hello", [pulled(5).own, pulled(5).adapter]],
    ["told/plain", 200, "Hello", [pulled(5).adapter]],
    ["told/stream", 200, 5_000, [pulled(5_000).own, pulled(5_000).adapter]],
    ["told/nothing", 204, "", [handedOver(204).own, handedOver(204).adapter]],
    ["told/dropped", 200, "another", [pulled(7).adapter, abandoned.own]],
    ["told/throws", 500, "", [threw(500).adapter]],
    // With the status that it would have had; the other one is a stand-in for Next's.
    ["told/builds-and-throws", 500, "", [threw(500).adapter, threw(200).own]],
  ])("%s", async (route, status, body, expected) => {
    const exchange = await ask(route);
    const read = String(await exchange.readAll());
    expect([exchange.status, typeof body === "number" ? read.length : read]).toEqual([status, body]);
    expect(await notesOf(exchange.id, expected.length)).toEqual(expected);
  });

  // They throw, and are answers all the same.
  test.each<[name: string, status: number, location: string | undefined, notes: Note[]]>([
    ["redirect", 307, "/elsewhere?a=1;b=2", [handedOver(307, "/elsewhere?a=1;b=2").adapter]],
    ["permanent", 308, "https://example.com/", [handedOver(308, "https://example.com/").adapter]],
    ["drops-and-redirects", 307, "/elsewhere", [handedOver(307, "/elsewhere").adapter, abandoned.own]],
    ["not-found", 404, undefined, [handedOver(404).adapter]],
    ["forbidden", 403, undefined, [handedOver(403).adapter]],
  ])("%s() completes, and Next answers as it does without us", async (name, status, location, expected) => {
    const answers = [];
    for (const way of ["told", "alone"]) {
      const exchange = await ask(`${way}/${name}`);
      expect([exchange.status, exchange.headers.location]).toEqual([status, location]);
      const { date, ...headers } = exchange.headers;
      answers.push([exchange.id, headers, String(await exchange.readAll())]);
    }
    const [[id, ...told], [, ...alone]] = answers as [unknown[], unknown[]];
    expect(told).toEqual(alone);
    expect(await notesOf(id as string, expected.length)).toEqual(expected);
  });

  test("a cookie that was set before redirect() goes out", async () => {
    const { headers } = await ask("told/redirect");
    expect(headers["set-cookie"]).toEqual(["seen=yes; Path=/"]);
  });

  test("HEAD, of which Next reads no body, ends", async () => {
    const { own, adapter } = handedOver(200);
    for (const [route, expected] of [
      ["wrapped/string", [own]],
      ["told/plain", [adapter]],
      ["told/stream", [["source canceled"], own, adapter]],
    ] as const) {
      const { id, status, readAll } = await ask(route, "HEAD");
      expect([status, (await readAll()).byteLength]).toEqual([200, 0]);
      expect(await notesOf(id, expected.length)).toEqual(expected);
    }
  });

  test.each([
    ["alone/flowing", [left.own]],
    ["alone/idle", [left.own]],
    ["told/flowing", [left.own, left.adapter]],
    ["told/idle", [left.own, left.adapter]],
  ])("%s, a socket that is reset in the middle", async (route, expected) => {
    const { id, readAtLeast, socket } = await ask(route);
    await readAtLeast(1_500);
    socket.resetAndDestroy();
    expect(await notesOf(id, expected.length + 1)).toEqual([["source canceled"], ...expected]);
  });

  const unread = ended("canceled", "handed-over", 200, "AbandonedError", "before-body");
  const known = ended("canceled", "handed-over", 200, "ResponseAborted", "before-body");

  // Somebody may still read what Next drops: it is left alone, and its source is canceled when it is collected.
  const notCollected = ([what]: Note) => what !== "source canceled";

  // Next neither read nor canceled these bodies, and only a garbage collection told of their end.
  test.each<[route: string, notes: Note[]]>([
    ["alone/left", [unread.own]],
    ["alone/left-before", [unread.own]],
    ["alone/left-rewrapped", [unread.own]],
    ["told/left", [["source canceled"], known.own, known.adapter]],
    ["told/left-before", [["source canceled"], known.own, known.adapter]],
    ["told/left-core", [["source canceled"], known.own, known.adapter]],
    ["told/left-rewrapped", [["source canceled"], known.own, known.adapter]],
    ["told/left-plain", [known.adapter]],
  ])("%s, a client that leaves before the answer", async (route, expected) => {
    const id = `${++requests}`;
    asked.set(id, route);
    const { port } = new URL(server.origin);
    const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
    socket.write(`GET /${route}?id=${id} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    expect(await notesOf(id, 1)).toEqual([["waits"]]);
    socket.resetAndDestroy();
    const which = route.startsWith("alone") ? notCollected : undefined;
    expect(await notesOf(id, expected.length + 1, which)).toEqual([["waits"], ...expected]);
  });

  test("a HEAD, of which Next reads no body, is told as canceled by the class alone", async () => {
    for (const [route, expected] of [
      ["alone/string", [unread.own]],
      ["alone/stream", [unread.own]],
    ] as const) {
      const { id, status, readAll } = await ask(route, "HEAD");
      expect([status, (await readAll()).byteLength]).toEqual([200, 0]);
      expect(await notesOf(id, expected.length, notCollected)).toEqual(expected);
    }
  });

  test("a source that fails cuts the answer", async () => {
    const { id, readAll } = await ask("told/fails");
    await expect(readAll()).rejects.toThrow();
    expect(await notesOf(id, 2)).toEqual([failed.own, failed.adapter]);
  });

  test("a static route is answered once, when the app is built", async () => {
    expect(app.printed.match(/^built: .*$/gm)).toEqual(["built: completed pulled 5"]);
    for (const _ of [1, 2]) {
      const { status, readAll } = await send(new URL(`${server.origin}/built`));
      expect([status, String(await readAll())]).toEqual([200, "Hello"]);
    }
    expect(server.printed.filter((line) => line.startsWith("built:"))).toEqual([]);
  });

  // It answered 500: setImmediate and process.getBuiltinModule are there, and throw when they are used.
  test("a route of the Edge Runtime", async () => {
    // On a server of its own: what it throws there is caught by nobody.
    const edge = await app.start();
    try {
      const { status, readAll } = await send(new URL(`${edge.origin}/edge`));
      expect([status, String(await readAll())]).toEqual([200, "Hello"]);
      const lines = () => edge.printed.filter((line) => line.startsWith("edge"));
      await vi.waitUntil(() => lines().length >= 2, { timeout: 10_000 });
      expect(lines()).toEqual(["edge: completed pulled 5", "edge, told: completed pulled 5"]);
    } finally {
      await edge.close();
    }
  });

  describe("examples/next", () => {
    const lines = (text: string) => server.printed.filter((line) => line.includes(text));
    const logged = async (text: string, count: number) => {
      await vi.waitUntil(() => lines(text).length >= count, { timeout: 10_000 });
      return lines(text);
    };
    const get = (path: string) => send(new URL(server.origin + path));

    test("logs a text, and a stream that its client leaves", async () => {
      expect(String(await (await get("/")).readAll())).toBe("Hello\n");
      expect(await logged("GET / ", 1)).toEqual([
        expect.stringMatching(/^GET \/ 200 completed, 6 bytes in \d+ ms, pulled$/),
      ]);
      const stream = await get("/stream");
      await stream.readAtLeast(7);
      stream.socket.resetAndDestroy();
      expect(await logged("/stream", 1)).toEqual([
        expect.stringMatching(/^GET \/stream 200 canceled, \d+ bytes in \d+ ms, pulled$/),
      ]);
    });

    test("tells of an order, of one that there is not, and of a redirect", async () => {
      for (const path of ["1", "2", "latest"]) await (await get(`/orders/${path}`)).readAll();
      expect((await logged("an order", 3)).sort()).toEqual(
        ["200", "307", "404"].map((status) => `an order was asked for: ${status}, completed`),
      );
      expect(lines("/orders/1")).toHaveLength(1);
    });
  });

  test("each callback ran once, and no other", async () => {
    const count = async () =>
      Object.entries(await notes()).map(([id, all]) => `${asked.get(id)}: ${all.filter(notCollected).length}`);
    const before = await count();
    await pause(300);
    expect(await count()).toEqual(before);
    expect(server.complaints()).not.toContain("response-then:");
  });

  // Last: it ends the server.
  test("next start waits for callbacks at SIGTERM", async () => {
    const { id, readAll } = await ask("alone/slow");
    expect(String(await readAll())).toBe("Hello");
    const late = `the callback of ${id} has settled`;
    expect(server.printed).not.toContain(late);
    server.terminate();
    // As Next ends by a signal.
    expect(await server.exit).toEqual([143, null]);
    expect(server.printed).toContain(late);
  });
});

describe("outside of a request, as in a test that calls the handler,", () => {
  test("a callback runs all the same", async () => {
    const events: unknown[] = [];
    const GET = withResponseThen(
      (_: Request) => new ResponseThen("Hello", into(events, "own")),
      into(events, "adapter"),
    );
    expect(await (await GET(new Request("http://localhost/"))).text()).toBe("Hello");
    await settle();
    expect(events).toEqual([
      ["own", "completed", "pulled", 200],
      ["adapter", "completed", "pulled", 200],
    ]);
  });

  test("what the handler throws comes back as it is", async () => {
    const events: unknown[] = [];
    for (const thrown of [new Error("no answer"), "a string", null, { digest: 1 }, { digest: "NEXT_OTHER;404" }]) {
      const GET = withResponseThen((_: Request) => Promise.reject(thrown), into(events, "adapter"));
      await expect(GET(new Request("http://localhost/"))).rejects.toBe(thrown);
    }
    await settle();
    expect(events.map((event) => (event as unknown[])[1])).toEqual(Array(5).fill("errored"));
  });
});

test("what else after() throws is thrown by the constructor", async () => {
  vi.resetModules();
  vi.doMock("next/server", () => ({
    after() {
      throw new Error("waitUntil is not available");
    },
  }));
  try {
    const { ResponseThen } = await import("../../adapters/next.ts");
    expect(thrownBy(() => new ResponseThen("Hello", () => {}))).toBe("Error: waitUntil is not available");
  } finally {
    vi.doUnmock("next/server");
  }
});

test("a handler that is none, and a callback that is none, throw at the call", () => {
  expect(thrownBy(() => withResponseThen("GET" as never))).toBe(
    "TypeError: handler: expected a route handler, got string GET",
  );
  expect(thrownBy(() => withResponseThen(() => new Response(), 1 as never))).toContain("TypeError: callback: expected");
});
