import { fileURLToPath } from "node:url";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";
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

function onNode(name: string, file: string, version = "node-24"): Server {
  const start = async () => {
    const path = version === "node-20" ? await bundle(script(file)) : fileURLToPath(script(file));
    return startServer(name, nodes[version] as string, [path]);
  };
  return { name, runtime: "node", cancels: true, start };
}

function onBun(name: string, file: string): Server {
  const start = () => startServer(name, "npx", ["--no-install", "bun", fileURLToPath(script(file))]);
  return { name, runtime: "bun", cancels: true, start };
}

function onDeno(name: string, file: string): Server {
  const start = () =>
    startServer(name, "npx", ["--no-install", "deno", "run", "-A", "--no-check", fileURLToPath(script(file))]);
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
