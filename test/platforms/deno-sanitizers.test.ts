// Deno's sanitizers fail a test that leaves a timer behind, and callbacks that have not run yet have one.
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { root, run } from "../run.ts";

test("a test that ends with drain() passes the leak sanitizers of Deno, and one that does not fails", async () => {
  const deno = join(root, "node_modules/.bin/deno");
  const { stdout } = await run(deno, ["test", "--no-check", "--allow-all", "test/platforms/deno/sanitized.ts"]);
  const lines = stripVTControlCharacters(stdout);
  const verdicts = [...lines.matchAll(/^(.+) \.\.\. (ok|FAILED)/gm)].map(([, name, verdict]) => [name, verdict]);
  expect(verdicts, stdout).toEqual([
    ["a text that is read", "ok"],
    ["no body", "ok"],
    ["a stream that is canceled", "ok"],
    ["a source that fails", "ok"],
    ["a server", "ok"],
    ["without drain()", "FAILED"],
  ]);
});
