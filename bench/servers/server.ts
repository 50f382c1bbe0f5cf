import process from "node:process";
import { fileURLToPath } from "node:url";
import { type RunningServer, startProcess } from "../process.ts";

/** A server of the bench; its script is `serve/<name>.ts`. */
export interface Server {
  readonly name: string;
  /** As the table calls it. */
  readonly text: string;
  readonly command: readonly string[];
  /** The most that a `ResponseThen` alone should cost, by the plain `Response`. */
  readonly alone: number;
}

// With a way to collect garbage, for the memory that is measured.
const node = [process.execPath, "--expose-gc"];

export const servers: readonly Server[] = [
  { name: "hono-native", text: "`@hono/node-server`, native `Response`", command: node, alone: 1.5 },
  { name: "hono", text: "`@hono/node-server`, its own `Response`", command: node, alone: 2.2 },
  { name: "srvx", text: "`srvx` on Node", command: node, alone: 2.2 },
  { name: "bun", text: "`Bun.serve`", command: ["npx", "--no-install", "bun"], alone: 1.6 },
  {
    name: "deno",
    text: "`Deno.serve`",
    command: ["npx", "--no-install", "deno", "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
    alone: 2.2,
  },
];

/** @param env Further variables of its environment. */
export function startServer({ name, command }: Server, env: Record<string, string> = {}): Promise<RunningServer> {
  const [file = "", ...args] = command;
  return startProcess({ file, args: [...args, fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url))], env });
}

/** Starts a server, runs `use` with it, and ends it. */
export async function withServer<T>(
  server: Server,
  use: (running: RunningServer) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  const running = await startServer(server, env);
  try {
    return await use(running);
  } finally {
    await running.close();
  }
}
