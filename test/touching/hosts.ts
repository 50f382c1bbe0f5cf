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
  /** Whether one request can send what another one has built: on Workers that belongs to a request. */
  readonly crosses: boolean;
  /** Whether it tells that a client left before there is an answer. On Deno only the request's signal would, and to touch that costs. */
  readonly tellsLeft: boolean;
  /** @param gc Whether the server can ask for a collection. */
  start(gc?: boolean): Promise<Running>;
}

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const fetchWays: readonly Way[] = ["alone", "wrapped", "shared"];
const ways: readonly Way[] = [...fetchWays, "hono"];

/** @param collects What lets the runtime be asked for a collection. */
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
