import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Host, Running } from "./host.ts";

/** Starts a server in a process of its own, which prints `port N` when it listens. */
export async function startServer(
  name: string,
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Running> {
  // A group of its own, so that what npx starts ends with it.
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, env });
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += text;
  });
  const exited = once(child, "exit");
  for await (const line of createInterface(child.stdout)) {
    const port = /^port (\d+)$/.exec(line)?.[1];
    if (port === undefined) continue;
    // Whatever else it prints must not fill the pipe, and so stop it.
    child.stdout.resume();
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
}

/** A host in a process of its own. */
export function processHost(name: string, command: string, args: string[]): Host {
  const script = fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url));
  return { name, start: () => startServer(name, command, [...args, script]) };
}
