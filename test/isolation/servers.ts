import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Running } from "../hosts/host.ts";
import { bundle, nodes } from "../hosts/node-versions.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";
import { installed, startProcess } from "../servers/shutdown/process.ts";
import { type Client, http1, http2 } from "./clients.ts";

/** A server under load. */
export interface Server {
  readonly name: string;
  /** The ways in which it answers: see app.ts. */
  readonly ways: readonly string[];
  readonly connect: (port: number) => Client;
  /** Endings that it cannot have. */
  readonly without?: readonly string[];
  start(): Promise<Running>;
}

const ways = ["alone", "wrapped", "nested", "warmed", "hono"];
const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const path = (name: string) => fileURLToPath(script(name));
const deno = [installed("deno"), "run", "-A", "--no-check", path("deno")];

function server(
  name: string,
  command: () => Promise<readonly string[]> | readonly string[],
  more: Partial<Server> = {},
) {
  return { name, ways, connect: http1, start: async () => run(await command()), ...more };
}

function onWorkerd(name: string, binary?: string, without: readonly string[] = []): Server {
  const options = { flags: ["nodejs_compat", "enable_request_signal"], ...(binary !== undefined && { binary }) };
  return { name, ways, connect: http1, without, start: () => startWorker(script("workerd"), options) };
}

export const servers: readonly Server[] = [
  ...Object.entries(nodes).map(([name, node]) => server(name, async () => [node, await bundle(script("node"))])),
  server("node on HTTP/2", () => [process.execPath, path("http2")], { connect: http2 }),
  server("srvx", () => [process.execPath, path("srvx")], { ways: ways.filter((way) => way !== "hono") }),
  server("bun", () => [installed("bun"), path("bun")]),
  server("deno", () => deno),
  server("deno on HTTP/2", () => deno, { connect: http2 }),
  // Before 1.20261015.1 nothing tells that the application has canceled a body which nobody has read yet.
  onWorkerd("workerd", undefined, ["canceled"]),
  onWorkerd("workerd-newest", newestWorkerd),
];

/** Runs a server in a process of its own, which prints `port N` when it listens. */
async function run(command: readonly string[]): Promise<Running> {
  const running = startProcess(command, {});
  try {
    return { ...running, port: Number((await running.line(/^port (\d+)$/))[1]) };
  } catch (error) {
    await running.close();
    throw error;
  }
}
