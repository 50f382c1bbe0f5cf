import { fileURLToPath } from "node:url";
import { startProcess } from "../servers/shutdown/process.ts";
import type { Host, Running } from "./host.ts";

/** Starts a server in a process of its own, which prints `port N` when it listens. */
export async function startServer(command: readonly string[], env: Record<string, string> = {}): Promise<Running> {
  const server = startProcess(command, { NO_COLOR: "1", ...env });
  try {
    const [, port] = await server.line(/^port (\d+)$/);
    return { port: Number(port), complaints: server.complaints, close: server.close };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** A host in a process of its own. */
export function processHost(name: string, command: string, args: readonly string[]): Host {
  const script = fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url));
  return { name, start: () => startServer([command, ...args, script]) };
}
