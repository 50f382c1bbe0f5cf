import { fileURLToPath } from "node:url";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";
import { installed } from "../../servers/shutdown/process.ts";
import type { Client } from "../client.ts";
import type { RunningHost } from "../host.ts";
import { httpClient } from "../http-client.ts";

const script = (name: string) => new URL(`../serve/${name}.ts`, import.meta.url);

async function start(
  command: readonly string[],
  clientOf: (port: number) => Client = httpClient,
): Promise<RunningHost> {
  const server = await startServer(command);
  return { ...server, client: clientOf(server.port) };
}

/** Runs a server that is not to be one module. */
export function asScript(server: string): Promise<RunningHost> {
  return start([nodes["node-24"] as string, fileURLToPath(script(server))]);
}

/** Runs a server on a Node of the devDependencies, as one module: Node 20 reads no TypeScript. */
export async function onNode(
  version: string,
  server: string,
  clientOf?: (port: number) => Client,
): Promise<RunningHost> {
  return start([nodes[version] as string, await bundle(script(server))], clientOf);
}

export function onBun(server: string): Promise<RunningHost> {
  return start([installed("bun"), fileURLToPath(script(server))]);
}

export function onDeno(server: string): Promise<RunningHost> {
  return start([installed("deno"), "run", "-A", "--no-check", fileURLToPath(script(server))]);
}
