// Vitest's environments replace globals: of a realm of their own, by classes of their own, or with some of them missing.
import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "../../run.ts";

const vitest = join(import.meta.dirname, "node_modules/vitest/vitest.mjs");

test.for(["forks", "vmThreads"].flatMap((pool) => ["node", "jsdom", "happy-dom"].map((name) => [pool, name] as const)))(
  "bodies are read in Vitest's pool %s, environment %s",
  async ([pool, environment]) => {
    const args = [vitest, "run", "--config", "realm.config.ts", "--pool", pool, "--environment", environment];
    const { code, stdout, stderr } = await run(process.execPath, args, import.meta.dirname);
    expect(code, stdout + stderr).toBe(0);
  },
);
