import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** A runtime that runs a script by itself, with a way to collect garbage. */
export interface Runtime {
  readonly name: string;
  readonly command: readonly string[];
}

export const runtimes: readonly Runtime[] = [
  { name: "Node", command: [process.execPath, "--expose-gc"] },
  { name: "Bun", command: ["npx", "--no-install", "bun"] },
  {
    name: "Deno",
    command: ["npx", "--no-install", "deno", "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
  },
];

/** Runs a script of the benches, which shows its progress by itself; fulfils with the JSON that it prints. */
export async function runScript<T>({ name, command }: Runtime, script: URL, args: readonly string[]): Promise<T> {
  const [file = "", ...rest] = command;
  const child = spawn(file, [...rest, fileURLToPath(script), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`${script.pathname} on ${name} ended with ${code}`);
  return JSON.parse(printed);
}
