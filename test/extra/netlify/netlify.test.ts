// The adapter in Netlify's own emulator, over real sockets: functions on Node, edge functions on Deno.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Exchange, send } from "../../client.ts";
import { type Netlify, startNetlify } from "./netlify.ts";

let netlify: Netlify;
beforeAll(async () => {
  netlify = await startNetlify();
});
afterAll(() => netlify?.close());

const ways = ["alone", "wrapped"] as const;
const unlike =
  (...words: string[]) =>
  (event: readonly unknown[]) =>
    !words.includes(String(event[0]));

/** What `outcomes` has returned. */
const seen = new Map<string, readonly unknown[][]>();

/** The outcomes of a request, when as many promises have settled as `waitUntil` was given, and there are so many of them. */
async function outcomes(id: string, count: number): Promise<readonly unknown[][]> {
  await vi.waitFor(
    () => {
      const names = netlify.told(id).map(([name]) => name);
      const number = (wanted: string) => names.filter((name) => name === wanted).length;
      expect([number("own") + number("adapter"), number("settled")], names.join()).toEqual([count, number("waits")]);
    },
    { timeout: 20_000, interval: 20 },
  );
  const told = netlify.told(id).filter(unlike("waits", "settled"));
  seen.set(id, told);
  return told;
}

async function get(path: string, method = "GET"): Promise<{ id: string; exchange: Exchange }> {
  const id = `${method}${path}`;
  return { id, exchange: await send(netlify.url(path, id), { method }) };
}

const both = (...rest: unknown[]) => ({
  alone: [["own", ...rest]],
  wrapped: [
    ["own", ...rest],
    ["adapter", ...rest],
  ],
});

describe.each(ways)("a function, %s:", (way) => {
  test.each([
    { name: "string", status: 200, length: 5, told: both("completed", "pulled", 200, 5) },
    { name: "stream", status: 200, length: 5_000, told: both("completed", "pulled", 200, 5_000) },
    { name: "big", status: 200, length: 4_194_304, told: both("completed", "pulled", 200, 4_194_304) },
    { name: "nothing", status: 204, length: 0, told: both("completed", "handed-over", 204, 0) },
    { name: "redirect", status: 302, length: 0, told: both("completed", "handed-over", 302, 0) },
  ])("$name is answered with $status and $length bytes, and its callbacks are waited for", async (expected) => {
    const { id, exchange } = await get(`/function/${way}/${expected.name}`);
    expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([expected.status, expected.length]);
    const told = expected.told[way];
    expect(await outcomes(id, told.length)).toEqual(told);
  });

  test("HEAD", async () => {
    const { id, exchange } = await get(`/function/${way}/stream`, "HEAD");
    expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([200, 0]);
    const told = { ...both("completed", "handed-over", 200, 0), alone: [["own", "completed", "pulled", 200, 5_000]] }[
      way
    ];
    expect(await outcomes(id, told.length)).toEqual(told);
  });

  test("waitUntil waits for a callback that is late", async () => {
    const { id, exchange } = await get(`/function/${way}/late`);
    await exchange.readAll();
    await outcomes(id, way === "alone" ? 1 : 2);
    expect(netlify.told(id).slice(-2)).toEqual([["own", "completed", "pulled", 200, 5], ["settled"]]);
  });

  test("a source that fails; the emulator does not tell the client, and it waits", async () => {
    const { id, exchange } = await get(`/function/${way}/fails`);
    expect(await exchange.readAtLeast(2_000)).toBe(2_000);
    const told = both("errored", "pulled", 200, "Error: source failed")[way];
    expect(await outcomes(id, told.length)).toEqual(told);
    expect(exchange.message.complete).toBe(false);
    exchange.socket.destroy();
  });

  test("a handler that throws is answered with 500", async () => {
    const { id, exchange } = await get(`/function/${way}/throws`);
    expect(exchange.status).toBe(500);
    expect(String(await exchange.readAll())).toContain("no answer");
    const told = { alone: [], wrapped: [["adapter", "errored", "handed-over", 500, "Error: no answer"]] }[way];
    expect(await outcomes(id, told.length)).toEqual(told);
  });

  // Neither does Lambda, on which Netlify's functions run. The emulator's worker does not notice that its socket has
  // closed: nobody pulls any more, and nobody cancels.
  test("a client that resets in the middle: the emulator does not tell the function, and nothing ends", async () => {
    const { id, exchange } = await get(`/function/${way}/endless`);
    await exchange.readAtLeast(3_000);
    exchange.socket.resetAndDestroy();
    await pause(1_000);
    expect(netlify.told(id).filter(unlike("waits", "settled"))).toEqual([]);
  });
});

test("a function's plain response tells the adapter's callback alone", async () => {
  const { id, exchange } = await get("/function/wrapped/plain");
  expect(String(await exchange.readAll())).toBe("Hello");
  expect(await outcomes(id, 1)).toEqual([["adapter", "completed", "pulled", 200, 5]]);
});

test("examples/netlify logs a text and a slow stream", async () => {
  expect(String(await (await get("/hello")).exchange.readAll())).toBe("Hello\n");
  const { exchange } = await get("/stream");
  expect((await exchange.readAll()).byteLength).toBe(151);
  await vi.waitUntil(() => netlify.printed.length >= 3, { timeout: 20_000 });
  expect(netlify.printed.slice(1)).toEqual([
    expect.stringMatching(/^GET \/hello 200 completed, 6 bytes in \d+ ms, pulled$/),
    expect.stringMatching(/^GET \/stream 200 completed, 151 bytes in \d+ ms, pulled$/),
  ]);
});

describe.each(ways)("an edge function, %s:", (way) => {
  test.each([
    { name: "string", status: 200, length: 5 },
    { name: "stream", status: 200, length: 5_000 },
    { name: "big", status: 200, length: 4_194_304 },
    { name: "nothing", status: 204, length: 0 },
    // Not a redirect: the emulator follows it itself.
  ])("$name is answered with $status and $length bytes", async ({ name, status, length }) => {
    const { exchange } = await get(`/edge/${way}/${name}`);
    expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([status, length]);
  });

  test.each([
    { name: "string", seen: "200, 5 bytes", told: both("completed", "pulled", 200, 5) },
    { name: "stream", seen: "200, 5000 bytes", told: both("completed", "pulled", 200, 5_000) },
    { name: "nothing", seen: "204, 0 bytes", told: both("completed", "handed-over", 204, 0) },
    { name: "redirect", seen: "302, 0 bytes", told: both("completed", "handed-over", 302, 0) },
    {
      name: "fails",
      seen: "200, failed with Error: source failed",
      told: both("errored", "pulled", 200, "Error: source failed"),
    },
    {
      name: "throws",
      seen: "threw Error: no answer",
      told: { alone: [], wrapped: [["adapter", "errored", "handed-over", 500, "Error: no answer"]] },
    },
  ])("the callbacks of $name, which another edge function reads", async ({ name, seen, told }) => {
    const { id, exchange } = await get(`/edge/${way}/${name}?keep=read`);
    expect(JSON.parse(String(await exchange.readAll()))).toEqual({ seen, pending: 0 });
    expect(await outcomes(id, told[way].length)).toEqual(told[way]);
  });

  test("the callbacks of a stream that another edge function cancels", async () => {
    const { id, exchange } = await get(`/edge/${way}/endless?keep=cancel`);
    expect(JSON.parse(String(await exchange.readAll()))).toEqual({ seen: "200, canceled", pending: 0 });
    const told = both("canceled", "pulled", 200, "mid-body")[way];
    expect(await outcomes(id, told.length)).toEqual(told);
  });
});

test("no callback ran twice", () => {
  expect(seen.size).toBeGreaterThan(30);
  for (const [id, told] of seen) expect(netlify.told(id).filter(unlike("waits", "settled")), id).toEqual(told);
});
