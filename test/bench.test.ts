import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { run } from "./run.ts";

const page = new URL("../docs/benchmarks.md", import.meta.url);

test("a short run of the bench cloudflare prints a ratio for each candidate, and writes nothing down", {
  timeout: 120_000,
}, async () => {
  const before = readFileSync(page, "utf8");
  const { code, stdout, stderr } = await run("node", ["bench/run.ts", "cloudflare", "--short"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const rows = [...stdout.matchAll(/^\| (.+?): (.+?) \| (\S+) \|/gm)];
  expect(rows.map(([, content, candidate]) => `${content}: ${candidate}`)).toEqual([
    "a `fetch()` body of 4 MB, passed on: plain `Response`",
    "a `fetch()` body of 4 MB, passed on: `ResponseThen` alone",
    "a `fetch()` body of 4 MB, passed on: `ResponseThen` under `withResponseThen`",
    "a `fetch()` body of 4 MB, passed on: `pipeThrough(new TransformStream())`",
    "a string of 12 bytes: plain `Response`",
    "a string of 12 bytes: `ResponseThen` alone",
    "a string of 12 bytes: `ResponseThen` under `withResponseThen`",
  ]);
  expect(readFileSync(page, "utf8")).toBe(before);
});

test("a short run of the bench servers prints a ratio for each candidate of each server, and writes nothing down", {
  timeout: 180_000,
}, async () => {
  const before = readFileSync(page, "utf8");
  const { code, stdout, stderr } = await run("node", ["bench/run.ts", "servers", "--short"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const servers = [
    "`@hono/node-server`, native `Response`",
    "`@hono/node-server`, its own `Response`",
    "`srvx` on Node",
    "`Bun.serve`",
    "`Deno.serve`",
  ];
  const three = ["plain `Response`", "`ResponseThen` alone", "`ResponseThen` under the adapter"];
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
  expect(readFileSync(page, "utf8")).toBe(before);
});

test("an unknown bench is refused with the list of those that there are", async () => {
  expect(await run("node", ["bench/run.ts", "rhino"])).toEqual({
    code: 1,
    stdout: "",
    stderr: 'npm run bench: unknown bench "rhino"; expected one of cloudflare, servers\n',
  });
});
