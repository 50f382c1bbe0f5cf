import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Host } from "./host.ts";

/** A host in a process of its own, which prints `port N` when it listens. */
export function processHost(name: string, command: string, args: string[]): Host {
  return {
    name,
    async start() {
      const script = fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url));
      const child = spawn(command, [...args, script], {
        stdio: ["ignore", "pipe", "pipe"],
        // A group of its own, so that what npx starts ends with it.
        detached: true,
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
            process.kill(-(child.pid as number), "SIGKILL");
            await exited;
          },
        };
      }
      throw new Error(`${name} did not start: ${complaints}`);
    },
  };
}
