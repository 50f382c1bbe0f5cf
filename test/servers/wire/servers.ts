// The servers, each in a process of its own: without us, and with us.
import { fileURLToPath } from "node:url";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";

export interface Server {
  readonly name: string;
  start(whose: "without" | "ours"): Promise<Running>;
}

const bun = ["npx", "--no-install", "bun"];
const deno = ["npx", "--no-install", "deno", "run", "-A", "--no-check"];

export const servers: readonly Server[] = [
  server("@hono/node-server", [process.execPath], "hono-node"),
  server("@hono/node-server, own Response", [process.execPath], "hono-node-native"),
  server("@hono/node-server on Node 20", [nodes["node-20"] as string], "hono-node", bundle),
  server("@hono/node-server on Node 26", [nodes["node-26"] as string], "hono-node", bundle),
  server("srvx on Node", [process.execPath], "srvx"),
  server("srvx on Bun", bun, "srvx"),
  server("srvx on Deno", deno, "srvx"),
  server("Bun.serve", bun, "bun"),
  server("Deno.serve", deno, "deno"),
  server("Fastify", [process.execPath], "fastify"),
  server("Express", [process.execPath], "express"),
];

function server(
  name: string,
  command: readonly string[],
  script: string,
  prepare: (script: URL) => string | Promise<string> = fileURLToPath,
): Server {
  return {
    name,
    async start(whose) {
      const path = await prepare(new URL(`./serve/${script}.ts`, import.meta.url));
      // As in production: else some servers answer an error with a page of its stack.
      return startServer([...command, path, whose], { NODE_ENV: "production" });
    },
  };
}
