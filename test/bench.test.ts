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

test("an unknown bench is refused with the list of those that there are", async () => {
  expect(await run("node", ["bench/run.ts", "rhino"])).toEqual({
    code: 1,
    stdout: "",
    stderr: 'npm run bench: unknown bench "rhino"; expected one of cloudflare\n',
  });
});
