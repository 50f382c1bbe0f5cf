// Cloudflare's plugin for Vitest runs test files in workerd, with the package as npm installs it.
import { beforeAll, expect, test } from "vitest";
import { run } from "../../run.ts";
import { install } from "../frameworks/harness/install.ts";

const folder = import.meta.dirname;

beforeAll(() => install(folder));

test("callbacks run in tests that run in workerd", async () => {
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "pool.config.js"];
  const { code, stdout, stderr } = await run(process.execPath, args, folder, { CLOUDFLARE_CF_FETCH_ENABLED: "false" });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("7 passed");
});
