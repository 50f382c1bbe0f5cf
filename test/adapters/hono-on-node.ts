import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle, nodes } from "../hosts/node-versions.ts";
import { type RunningProcess, startProcess } from "../servers/shutdown/process.ts";

/** The Hono app of the tests on `@hono/node-server`. */
export interface HonoOnNode extends RunningProcess {
  readonly port: number;
}

const start = async (node: string, script: string): Promise<HonoOnNode> => {
  const url = new URL(`../hosts/serve/${script}.ts`, import.meta.url);
  const server = startProcess([node, node === process.execPath ? fileURLToPath(url) : await bundle(url)], {});
  const [, port] = await server.line(/^port (\d+)$/);
  return { ...server, port: Number(port) };
};

/** On the Nodes that are supported, and with the class of Node itself in place of the server's own. */
export const honoOnNodes: readonly [name: string, start: () => Promise<HonoOnNode>][] = [
  ["Node 20", () => start(nodes["node-20"] as string, "hono-node")],
  ["Node 24", () => start(process.execPath, "hono-node")],
  ["Node 24, the native Response", () => start(process.execPath, "hono-node-native")],
  ["Node 26", () => start(nodes["node-26"] as string, "hono-node")],
];
