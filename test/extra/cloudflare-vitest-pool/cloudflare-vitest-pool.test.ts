// The tests of ../cloudflare-vitest in the package that its plugin has replaced, with the Vitest that this one needs.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { run } from "../../run.ts";
import { install } from "../frameworks/harness/install.ts";

const folder = import.meta.dirname;

beforeAll(async () => {
  await install(folder);
  // A file gets the packages of the folder that it is in.
  cpSync(join(folder, "../cloudflare-vitest/pool"), join(folder, "pool"), { recursive: true });
});

test("callbacks run in tests that run in workerd", async () => {
  const args = ["node_modules/vitest/vitest.mjs", "run", "--config", "pool.config.js"];
  const { code, stdout, stderr } = await run(process.execPath, args, folder, { CLOUDFLARE_CF_FETCH_ENABLED: "false" });
  expect(code, stdout + stderr).toBe(0);
  expect(stdout).toContain("7 passed");
});
