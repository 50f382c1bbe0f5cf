import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Running } from "../../hosts/host.ts";
import { newestWorkerd, startWorker } from "../../hosts/workerd.ts";

/** A server with the application of the middleware's tests. */
export interface Server {
  readonly name: string;
  readonly runtime: "node" | "bun" | "deno" | "workerd";
  /** Whether a plain stream is canceled when the client leaves. */
  readonly cancels: boolean;
  start(): Promise<Running>;
}

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);

/** A server in a process of its own, which prints `port N` when it listens. */
async function run(name: string, command: string, args: readonly string[]): Promise<Running> {
  // A group of its own, so that what npx starts ends with it.
  const child = spawn(command, [...args, fileURLToPath(script(name))], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const exited = once(child, "exit");
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += text;
  });
  for await (const line of createInterface(child.stdout)) {
    const port = /^port (\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    const close = async () => {
      process.kill(-(child.pid as number), "SIGKILL");
      await exited;
    };
    return { port: Number(port), complaints: () => complaints, close };
  }
  throw new Error(`${name} did not start: ${complaints}`);
}

const startWorkerd = (binary?: string) =>
  startWorker(script("workerd"), { flags: ["enable_request_signal"], ...(binary !== undefined && { binary }) });

export const servers: readonly Server[] = [
  { name: "@hono/node-server", runtime: "node", cancels: true, start: () => run("node", process.execPath, []) },
  { name: "Bun.serve", runtime: "bun", cancels: true, start: () => run("bun", "npx", ["--no-install", "bun"]) },
  {
    name: "Deno.serve",
    runtime: "deno",
    cancels: true,
    start: () => run("deno", "npx", ["--no-install", "deno", "run", "-A", "--no-check"]),
  },
  { name: "workerd 1.20260730", runtime: "workerd", cancels: false, start: () => startWorkerd() },
  { name: "workerd 1.20261023", runtime: "workerd", cancels: true, start: () => startWorkerd(newestWorkerd) },
];
