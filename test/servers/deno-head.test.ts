// What docs/servers.md says of a HEAD on Deno, with the class alone.
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, run } from "../run.ts";

test("Deno reads the body of a HEAD if it is one piece, and cancels it otherwise", async () => {
  const deno = join(root, "node_modules/.bin/deno");
  const { stdout, stderr } = await run(deno, ["run", "--no-check", "--allow-all", "test/servers/deno/head.ts"]);
  expect(stdout.trim().split("\n"), stderr).toEqual([
    "12 completed",
    "65536 completed",
    "65537 canceled",
    "1000000 canceled",
  ]);
});
