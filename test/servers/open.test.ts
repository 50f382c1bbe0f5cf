// What an open stream holds. (How much of a dead response the collector of new objects promotes is in decisions/008: it
// differs from run to run, so it is no test.)
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { installed } from "./shutdown/process.ts";

const script = fileURLToPath(new URL("./open/open.ts", import.meta.url));

test.for([
  ["Node", process.execPath, ["--expose-gc"], 3_700],
  ["Deno", installed("deno"), ["run", "-A", "--no-check", "--v8-flags=--expose-gc"], 3_800],
] as const)("an open stream on %s holds little more than a plain one", async ([, command, flags, most]) => {
  const { stdout } = await promisify(execFile)(command, [...flags, script]);
  const { plain, ours } = JSON.parse(stdout) as { plain: number; ours: number };
  expect(ours - plain).toBeLessThan(most);
});
