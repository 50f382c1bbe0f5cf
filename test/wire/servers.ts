// The servers, each in a process of its own: without us, and with us.
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Running } from "../hosts/host.ts";
import { startServer } from "../hosts/process.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";
import { installed } from "../servers/shutdown/process.ts";

export interface Server {
  readonly name: string;
  start(whose: "without" | "ours"): Promise<Running>;
}

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);

function server(name: string, [command = "", ...args]: readonly string[], file: string, ...more: string[]): Server {
  // As in production: else some servers answer an error with a page of its stack.
  const env = { ...process.env, NODE_ENV: "production" };
  const start = (whose: string) => startServer([command, ...args, fileURLToPath(script(file)), whose, ...more], env);
  return { name, start };
}

function onWorkerd(name: string, binary?: string): Server {
  const options = { flags: ["nodejs_compat", "enable_request_signal"], ...(binary !== undefined && { binary }) };
  const start = (whose: string) => startWorker(script(whose === "ours" ? "workerd" : "workerd-without"), options);
  return { name, start };
}

const node = [process.execPath];
const bun = [installed("bun")];
const deno = [installed("deno"), "run", "-A", "--no-check"];

export const servers: readonly Server[] = [
  server("node-server", node, "node", "@hono/node-server"),
  server("node-server, native Response", node, "node", "@hono/node-server", "native"),
  server("node-server 1.19", node, "node", "node-server-1"),
  server("node-server 1.19, native Response", node, "node", "node-server-1", "native"),
  server("srvx on Node", node, "srvx"),
  server("srvx on Bun", bun, "srvx"),
  server("srvx on Deno", deno, "srvx"),
  server("Bun", bun, "bun"),
  server("Deno", deno, "deno"),
  onWorkerd("workerd"),
  onWorkerd("workerd, newest", newestWorkerd),
];
