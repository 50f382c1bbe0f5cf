// A newer workerd than the root's lock can have: npm ci refuses a lock whose packages lack binaries for some platforms.
// Everything that runs on two workerds runs with this one in the place of the newer.
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { root, run } from "../../run.ts";

const binary = join(import.meta.dirname, "node_modules/@cloudflare/workerd-linux-64/bin/workerd");
const FILES = ["test/cloudflare", "test/contract/workerd-newest.test.ts"];

test.skipIf(!existsSync(binary))(
  "the tests of Workers hold on workerd 1.20261117.1 [linux on x64 only]",
  {
    timeout: 600_000,
  },
  async () => {
    process.env.NEWEST_WORKERD = binary;
    expect((await run(binary, ["--version"])).stdout).toBe("workerd 2026-11-17\n");
    const { code, stdout } = await run("npx", [
      "--no-install",
      "vitest",
      "run",
      "--reporter=default",
      "--root",
      root,
      ...FILES,
    ]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/Test Files +\d+ passed/) });
  },
);
