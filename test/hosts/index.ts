import { processHost } from "./process.ts";
import { newestWorkerd, workerdHost } from "./workerd.ts";

/** The runtimes of the contract, each started from the devDependencies. */
export const hosts = {
  node: processHost("node", process.execPath, []),
  bun: processHost("bun", "npx", ["--no-install", "bun"]),
  deno: processHost("deno", "npx", ["--no-install", "deno", "run", "-A", "--no-check"]),
  workerd: workerdHost("workerd"),
  workerdNewest: workerdHost("workerd-newest", newestWorkerd),
};
