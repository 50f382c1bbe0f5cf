import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
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
async function run(path: string, command: string, args: readonly string[]): Promise<Running> {
  // A group of its own, so that what npx starts ends with it.
  const child = spawn(command, [...args, path], {
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
  throw new Error(`${path} did not start: ${complaints}`);
}

function onNode(name: string, file: string, version = "node-24"): Server {
  const start = async () => {
    const path = version === "node-20" ? await bundle(script(file)) : fileURLToPath(script(file));
    return run(path, nodes[version] as string, []);
  };
  return { name, runtime: "node", cancels: true, start };
}

function onBun(name: string, file: string): Server {
  const start = () => run(fileURLToPath(script(file)), "npx", ["--no-install", "bun"]);
  return { name, runtime: "bun", cancels: true, start };
}

function onDeno(name: string, file: string): Server {
  const start = () => run(fileURLToPath(script(file)), "npx", ["--no-install", "deno", "run", "-A", "--no-check"]);
  return { name, runtime: "deno", cancels: true, start };
}

function onWorkerd(name: string, cancels: boolean, binary?: string): Server {
  const options = { flags: ["enable_request_signal"], ...(binary !== undefined && { binary }) };
  return { name, runtime: "workerd", cancels, start: () => startWorker(script("workerd"), options) };
}

export const servers: readonly Server[] = [
  onNode("@hono/node-server on Node 20", "node", "node-20"),
  onNode("@hono/node-server on Node 24", "node"),
  onNode("@hono/node-server on Node 26", "node", "node-26"),
  onNode("srvx on Node", "srvx"),
  onBun("Bun.serve", "bun"),
  onBun("srvx on Bun", "srvx"),
  onDeno("Deno.serve", "deno"),
  onDeno("srvx on Deno", "srvx"),
  onWorkerd("workerd 1.20260730", false),
  onWorkerd("workerd 1.20261023", true, newestWorkerd),
];
