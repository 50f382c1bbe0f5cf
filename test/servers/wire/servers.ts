// The servers, each in a process of its own: without us, and with us.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bundle, nodes } from "../../hosts/node-versions.ts";

export interface Server {
  readonly name: string;
  start(whose: "without" | "ours"): Promise<Running>;
}

export interface Running {
  readonly port: number;
  close(): Promise<void>;
  /** What the server wrote to its standard error so far. */
  complaints(): string;
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
  [command = "", ...args]: readonly string[],
  script: string,
  prepare: (script: URL) => string | Promise<string> = fileURLToPath,
): Server {
  return {
    name,
    async start(whose) {
      const path = await prepare(new URL(`./serve/${script}.ts`, import.meta.url));
      const child = spawn(command, [...args, path, whose], {
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own, so that what npx starts ends with it.
        detached: true,
        // As in production: else some servers answer an error with a page of its stack.
        env: { ...process.env, NODE_ENV: "production" },
      });
      let complaints = "";
      child.stderr.on("data", (text) => {
        complaints += text;
      });
      const exited = once(child, "exit");
      for await (const line of createInterface(child.stdout)) {
        const port = /^port (\d+)$/.exec(line)?.[1];
        if (port === undefined) continue;
        return {
          port: Number(port),
          complaints: () => complaints,
          async close() {
            // A server that has crashed has no process any more; what it wrote is in its complaints.
            if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), "SIGKILL");
            await exited;
          },
        };
      }
      throw new Error(`${name} did not start: ${complaints}`);
    },
  };
}
