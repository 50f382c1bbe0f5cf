import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));

/**
 * Whether the packages that the benches compare with are there. They have a lock of their own, so that the project's
 * `npm ci` stays lean; a full run installs them, a smoke run does without.
 */
export function installed(short: boolean): boolean {
  const there = existsSync(`${folder}/node_modules/elysia`);
  if (there || short) return there;
  console.error("npm ci in bench/: the packages that are compared with");
  execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  return true;
}

/** Says what a smoke run leaves out where they are not there. */
export function skip(what: string): void {
  console.log(`skipped: ${what} (npm ci --prefix bench)`);
}
