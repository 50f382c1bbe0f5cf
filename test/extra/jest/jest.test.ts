// The package is ESM alone, and Jest's own require() cannot load that: what docs/testing.md says to do about it.
import { join } from "node:path";
import process from "node:process";
import { beforeAll, expect, test } from "vitest";
import { root, run } from "../../run.ts";
import { install } from "../frameworks/harness/install.ts";

const jest = join(import.meta.dirname, "node_modules/jest/bin/jest.js");
const node24 = join(root, "node_modules/.bin/node");
const MODULES = "--experimental-vm-modules";

beforeAll(() => install(import.meta.dirname));

test.for([
  ["modules, with Node's flag", process.execPath, "modules", MODULES, 0],
  ["require() on Node 24, with Node's flag", node24, "required", MODULES, 0],
  ["require(), transformed by Babel", process.execPath, "transformed", "", 0],
  ["require() alone does not load it", process.execPath, "required", "", 1],
] as const)("%s", async ([, node, config, NODE_OPTIONS, expected]) => {
  const args = [jest, "--config", `${config}.config.cjs`];
  const { code, stderr } = await run(node, args, import.meta.dirname, { NODE_OPTIONS });
  expect(code, stderr).toBe(expected);
  expect(stderr).toContain(expected === 0 ? "1 passed, 1 total" : "Must use import to load ES Module");
});
