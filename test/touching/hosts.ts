// The runtimes and servers that serve the scenarios, each as a process of its own.
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Running } from "../hosts/host.ts";
import { startServer } from "../hosts/process.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";
import { installed } from "../servers/shutdown/process.ts";
import type { Way } from "./scenario.ts";

/** A runtime that serves the scenarios. */
export interface Host {
  readonly ways: readonly Way[];
  /** Whether a request can send what another one has built. On Workers it belongs to the request that built it. */
  readonly crosses: boolean;
  /**
   * Whether it reports that a client left before there is an answer. On Deno only the request's signal would, and
   * reading that takes time.
   */
  readonly tellsLeft: boolean;
  /** @param gc Whether the server must be able to ask for a garbage collection. */
  start(gc?: boolean): Promise<Running>;
}

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const fetchWays: readonly Way[] = ["alone", "wrapped", "shared"];
const ways: readonly Way[] = [...fetchWays, "hono"];

/** @param collects The arguments with which the runtime can be asked for a garbage collection. */
function host(
  server: string,
  command: string,
  args: readonly string[],
  collects: readonly string[],
  ways: readonly Way[],
): Host {
  const start = (gc = false) => startServer([command, ...args, ...(gc ? collects : []), fileURLToPath(script(server))]);
  return { ways, crosses: true, tellsLeft: command !== installed("deno"), start };
}

const node = (server: string, ways: readonly Way[]) => host(server, process.execPath, [], ["--expose-gc"], ways);
const bun = (server: string, ways: readonly Way[]) => host(server, installed("bun"), [], [], ways);
const deno = (server: string, ways: readonly Way[]) =>
  host(server, installed("deno"), ["run", "-A", "--no-check"], ["--v8-flags=--expose-gc"], ways);

function workerd(binary?: string): Host {
  const options = { flags: ["nodejs_compat", "enable_request_signal"], ...(binary !== undefined && { binary }) };
  return { ways: fetchWays, crosses: false, tellsLeft: true, start: () => startWorker(script("workerd"), options) };
}

export const hosts = {
  "node-server": node("node", ways),
  "srvx-node": node("srvx", fetchWays),
  bun: bun("bun", ways),
  "srvx-bun": bun("srvx", fetchWays),
  deno: deno("deno", ways),
  "srvx-deno": deno("srvx", fetchWays),
  workerd: workerd(),
  "workerd-newest": workerd(newestWorkerd),
} as const satisfies Record<string, Host>;
