import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** Builds what the servers import: what users get. */
export function build(short: boolean): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  // Not in a smoke run: other tests read the build at the same time.
  if (!short) execFileSync(process.execPath, ["scripts/build.ts"], { cwd: root, stdio: "inherit" });
  else if (!existsSync(`${root}/dist/src/index.js`)) throw new Error("There is no build: npm run build");
}
