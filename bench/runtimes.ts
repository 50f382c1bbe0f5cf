import process from "node:process";
import { fileURLToPath } from "node:url";
import { type RunningServer, startProcess } from "./process.ts";

export type Runtime = "Node" | "Bun" | "Deno";

/** How each runs a script, with a way to collect garbage. */
const COMMANDS: Readonly<Record<Runtime, readonly string[]>> = {
  Node: [process.execPath, "--expose-gc"],
  Bun: ["npx", "--no-install", "bun"],
  Deno: ["npx", "--no-install", "deno", "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
};

/** Starts a script that announces a port. */
export function startScript(
  runtime: Runtime,
  script: URL,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const [file = "", ...flags] = COMMANDS[runtime];
  return startProcess({ file, args: [...flags, fileURLToPath(script), ...args], env });
}
