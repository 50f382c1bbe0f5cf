import { fileURLToPath } from "node:url";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { type RunningProcess, startProcess } from "../../servers/shutdown/process.ts";
import type { RunningHost } from "../host.ts";
import { httpClient } from "../http-client.ts";

const script = (name: string) => new URL(`../serve/${name}.ts`, import.meta.url);

/** Starts a process that prints `port N` when it listens. */
async function start(command: readonly string[]): Promise<RunningHost> {
  const server: RunningProcess = startProcess(command, { NO_COLOR: "1" });
  try {
    const [, port] = await server.line(/^port (\d+)$/);
    return {
      client: httpClient(Number(port)),
      port: Number(port),
      complaints: server.complaints,
      close: () => server.close(),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

/** Runs a server that is not to be one module. */
export function asScript(server: string): Promise<RunningHost> {
  return start([nodes["node-24"] as string, fileURLToPath(script(server))]);
}

/** Runs a server on a Node of the devDependencies, as one module: Node 20 reads no TypeScript. */
export async function onNode(version: string, server: string): Promise<RunningHost> {
  return start([nodes[version] as string, await bundle(script(server))]);
}

export function onBun(server: string): Promise<RunningHost> {
  return start(["npx", "--no-install", "bun", fileURLToPath(script(server))]);
}

export function onDeno(server: string): Promise<RunningHost> {
  return start(["npx", "--no-install", "deno", "run", "-A", "--no-check", fileURLToPath(script(server))]);
}
