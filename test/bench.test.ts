// Each bench once, in its short mode: that it works, finds its answers right, and has a row for each candidate. Nothing is
// asserted about times. What the benches compare with has a lock of its own; without it these rows are skipped.
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, run } from "./run.ts";

const page = new URL("../docs/benchmarks.md", import.meta.url);
const installed = existsSync(`${root}/bench/node_modules/elysia`);
const withPeers = <T>(rows: T[]): T[] => (installed ? rows : []);

let before: string;
beforeAll(() => {
  before = readFileSync(page, "utf8");
});
afterAll(() => expect(readFileSync(page, "utf8"), "a short run writes nothing down").toBe(before));

/** Runs benches in their short mode; fulfils with what they printed. */
async function short(...names: string[]): Promise<string> {
  const { code, stdout, stderr } = await run("node", ["bench/run.ts", ...names, "--short"]);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The first cells of the rows whose other cells are as many, and each like the pattern. */
function rows(printed: string, cells: number, cell: RegExp): string[] {
  const row = new RegExp(`^\\| (.+?)((?: \\| (?:${cell.source})){${cells}}) \\|$`, "gm");
  return [...printed.matchAll(row)].map(([, text = ""]) => text);
}

const MOMENT =
  /(?:\*\*)?(?:never|[\d,]+ ms (?:before|after))(?:\*\*)?(?:, at \d+\.\d of 20 MB)?(?:, told (?:`\w+`|nothing|a reason|an error))?/;
const RATIO_CELLS = /[^|]*?/;

const OURS = ["`ResponseThen` alone", "`ResponseThen` under the adapter"];
const FOLK = "`pipeThrough(new TransformStream({ flush }))`";
const PROMISE = "a promise that the handler starts";
const SOURCE = "the body's source calls back before it ends";
const NEXT = "a middleware of Hono, after `await next()`";
const PLAIN = "plain, no callback";
const DISPOSE = "`onDispose` of h3";
const of = (server: string, ways: readonly string[]) => ways.map((way) => `${server}: ${way}`);
const h3 = (ways: readonly string[]) => ["Node", "Bun", "Deno"].flatMap((runtime) => of(`h3 on ${runtime}`, ways));

test("cloudflare prints a ratio for each candidate", { timeout: 120_000 }, async () => {
  const stdout = await short("cloudflare");
  const ratios = [...stdout.matchAll(/^\| (.+?): (.+?) \| (\S+) \|/gm)];
  expect(ratios.map(([, content, candidate]) => `${content}: ${candidate}`)).toEqual([
    "a `fetch()` body of 4 MB, passed on: plain `Response`",
    "a `fetch()` body of 4 MB, passed on: `ResponseThen` alone",
    "a `fetch()` body of 4 MB, passed on: `ResponseThen` under `withResponseThen`",
    "a `fetch()` body of 4 MB, passed on: `pipeThrough(new TransformStream())`",
    "a string of 12 bytes: plain `Response`",
    "a string of 12 bytes: `ResponseThen` alone",
    "a string of 12 bytes: `ResponseThen` under `withResponseThen`",
  ]);
});

describe("on the servers", () => {
  const servers = [
    "`@hono/node-server`, native `Response`",
    "`@hono/node-server`, its own `Response`",
    "`srvx` on Node",
    "`Bun.serve`",
    "`Deno.serve`",
  ];
  const three = ["plain `Response`", ...OURS];

  test("servers prints a ratio for each candidate of each server", { timeout: 180_000 }, async () => {
    const stdout = await short("servers");
    const strings = [
      ...three,
      "`pipeThrough(new TransformStream())`",
      "plain `Response`, async handler",
      "`ResponseThen` under the adapter, async handler",
    ];
    const ratios = [...stdout.matchAll(/^\| (.+?): (.+?) \| \d+\.\d\d \|/gm)];
    expect(ratios.map(([, server, candidate]) => [server, candidate])).toEqual([
      ...servers.flatMap((server) => strings.map((candidate) => [server, candidate])),
      ...servers.flatMap((server) => three.map((candidate) => [server, candidate])),
    ]);
    const held = [...stdout.matchAll(/^\| ([^:|]+) \| \S+ kB \| \S+ kB \| at most 2\.0 kB \| \S+ kB \|$/gm)];
    expect(held.map(([, server]) => server)).toEqual(servers);
    const after = [...stdout.matchAll(/^\| ([^:|]+) \| \S+ MB \| \S+ MB \| \S+ B \|$/gm)];
    expect(after.map(([, server]) => server)).toEqual(servers);
  });

  test("streams prints ratios for three contents, and the memory", { timeout: 120_000 }, async () => {
    const stdout = await short("streams");
    const ways = servers.flatMap((server) => of(server, [...three, "`pipeThrough(new TransformStream())`"]));
    expect(rows(stdout, 5, RATIO_CELLS)).toEqual([...ways, ...ways, ...ways]);
    expect(rows(stdout, 2, /\d+\.\d MB/)).toEqual(ways);
  });
});

test("early prints the four moments of each way", { timeout: 120_000 }, async () => {
  const stdout = await short("early");
  expect(rows(stdout, 4, MOMENT)).toEqual([
    ...of("`@hono/node-server`", [...OURS, FOLK, PROMISE, NEXT]),
    ...of("`srvx` on Node", [...OURS, FOLK, "`request.waitUntil(promise)`"]),
    ...["`Bun.serve`", "`Deno.serve`"].flatMap((server) => of(server, [...OURS, FOLK, PROMISE])),
    ...of("workerd", [...OURS, FOLK, "`ctx.waitUntil(promise)`"]),
    ...h3([...OURS, DISPOSE]),
    ...withPeers(of("`node:http`", ["`ResponseThen`, by `handOver`", "`on-finished`"])),
    ...withPeers(of("Elysia on Bun", [...OURS, "`onAfterResponse`"])),
  ]);
});

test("last-byte prints six times of each way", { timeout: 120_000 }, async () => {
  const stdout = await short("last-byte");
  expect(rows(stdout, 6, /(?:\*\*)?\d+ ms(?:\*\*)?/)).toEqual([
    ...of("`@hono/node-server`", [PLAIN, ...OURS, FOLK, PROMISE, NEXT, SOURCE]),
    ...of("`srvx` on Node", [PLAIN, ...OURS, FOLK, "`request.waitUntil(promise)`", SOURCE]),
    ...["`Bun.serve`", "`Deno.serve`"].flatMap((server) => of(server, [PLAIN, ...OURS, FOLK, PROMISE, SOURCE])),
    ...h3([PLAIN, ...OURS, DISPOSE]),
    ...withPeers(
      of("`node:http`", [
        PLAIN,
        "`ResponseThen`, by `handOver`",
        "`on-finished`",
        "in the task that has written the answer, as Starlette",
      ]),
    ),
    ...withPeers(of("Elysia on Bun", [PLAIN, ...OURS, "`onAfterResponse`"])),
  ]);
});

test("peers prints a ratio for each way", { timeout: 120_000 }, async () => {
  const stdout = await short("peers");
  expect(rows(stdout, 5, RATIO_CELLS)).toEqual([
    ...h3([PLAIN, ...OURS, DISPOSE]),
    ...withPeers(
      of("`node:http`", [
        PLAIN,
        "plain, no callback, by a web `Response`",
        "`ResponseThen`, by `handOver`",
        "`on-finished`",
      ]),
    ),
    ...withPeers(of("Elysia on Bun", [PLAIN, ...OURS, "`onAfterResponse`"])),
    ...of("Next, `next start`", [PLAIN, ...OURS, "`after`"]),
  ]);
});

test.skipIf(!installed)(
  "micro prints times and bytes of each work (npm ci --prefix bench)",
  {
    timeout: 120_000,
  },
  async () => {
    const stdout = await short("micro");
    const works = [
      "construct, with a string",
      "construct, and read the text",
      "construct with a stream of 4 pieces, and read the text",
      "construct, and `onFinished`",
      "`from` another response",
      "construct, and `clone`",
    ];
    expect(rows(stdout, 5, /(?:\d+\.\d\d(?: µs)?|\d+ B|)/)).toEqual(
      ["Node", "Bun", "Deno"].flatMap((runtime) => of(runtime, works)),
    );
  },
);

test("size and growth, run by one command, print their tables", { timeout: 120_000 }, async () => {
  const stdout = await short("size", "growth");
  const { "size-limit": entries } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const names = (entries as { name: string }[]).map(({ name }) => `\`${name.replace(", everything", "")}\``);
  expect([...stdout.matchAll(/^\| (\S+) \| (?:\*\*)?\d+\.\d\d kB(?:\*\*)? \| \d/gm)].map(([, name]) => name)).toEqual(
    names,
  );
  expect(rows(stdout, 8, /-?[\d.,]+ µs/)).toEqual(["Node", "Bun", "Deno"]);
  expect([...stdout.matchAll(/^\| (\w+)(?: \| [\d.,]+ µs){3} \| \d+\.\d\d \|$/gm)].map(([, name]) => name)).toEqual([
    "Node",
    "Bun",
    "Deno",
  ]);
});

test("an unknown bench is refused with the list of those that there are", async () => {
  expect(await run("node", ["bench/run.ts", "rhino"])).toEqual({
    code: 1,
    stdout: "",
    stderr:
      'npm run bench: unknown bench "rhino"; expected one of early, last-byte, servers, peers, streams, micro, growth, ' +
      "cloudflare, size\n",
  });
});
