import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Inspector } from "../../soak/inspector.ts";
import { bundle, nodes } from "../hosts/node-versions.ts";
import { newestWorkerd, startWorker } from "../hosts/workerd.ts";
import { installed, startProcess } from "../servers/shutdown/process.ts";
import { Control } from "./control.ts";

/** What a fault needs of a server. */
export interface Conditions {
  /** How many file descriptors it may have. */
  readonly descriptors?: number;
  /** How long the server itself lets a client be silent, in ms. */
  readonly limit?: number;
  /** For workerd: a server that it fetches from. */
  readonly upstream?: string;
}

export interface RunningServer {
  readonly control: Control;
  readonly port: number;
  /** Where the server finds its file, and those that the test writes. */
  readonly folder: string;
  readonly complaints: () => string;
  memory(): Promise<number>;
  close(): Promise<void>;
}

export interface Server {
  readonly name: string;
  start(conditions?: Conditions): Promise<RunningServer>;
}

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const path = (name: string) => fileURLToPath(script(name));

function server(name: string, command: () => Promise<readonly string[]> | readonly string[]): Server {
  const start = async ({ descriptors, limit }: Conditions = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "response-then-"));
    writeFileSync(join(folder, "file"), "x".repeat(1_000));
    const limited = descriptors === undefined ? [] : ["sh", "-c", `ulimit -n ${descriptors} && exec "$@"`, "sh"];
    const env = { FOLDER: folder, ...(limit !== undefined && { LIMIT: `${limit}` }) };
    const running = startProcess([...limited, ...(await command())], env);
    let control: Control | undefined;
    const close = async () => {
      control?.close();
      await running.close();
      rmSync(folder, { recursive: true });
    };
    try {
      const port = Number((await running.line(/^port (\d+)$/))[1]);
      // With a limit the server closes what stays open, which may be when it is used again.
      const asked = new Control(port, limit === undefined);
      control = asked;
      return { ...running, port, folder, control: asked, memory: () => asked.ask<number>("memory"), close };
    } catch (error) {
      await close();
      throw error;
    }
  };
  return { name, start };
}

/** A program that starts another one with so many descriptors. */
function limited(folder: string, binary: string, descriptors: number): string {
  const script = join(folder, "limited");
  writeFileSync(script, `#!/bin/sh\nulimit -n ${descriptors} && exec "${binary}" "$@"\n`, { mode: 0o755 });
  return script;
}

function onWorkerd(name: string, installed: string): Server {
  const start = async ({ upstream, descriptors }: Conditions = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "response-then-"));
    const binary = descriptors === undefined ? installed : limited(folder, installed, descriptors);
    const worker = await startWorker(script("workerd"), {
      binary,
      flags: ["nodejs_compat", "enable_request_signal"],
      ...(upstream !== undefined && { bindings: { UPSTREAM: upstream } }),
      options: { inspectorPort: 0 },
    });
    const { port, complaints } = worker;
    const control = new Control(port, true);
    let inspector: Inspector | undefined;
    return {
      port,
      folder,
      complaints,
      control,
      async memory() {
        inspector ??= await Inspector.open(await worker.miniflare.getInspectorURL());
        return inspector.memory(true);
      },
      async close() {
        inspector?.close();
        control.close();
        await worker.close();
        rmSync(folder, { recursive: true });
      },
    };
  };
  return { name, start };
}

/** That of miniflare. */
const pinnedWorkerd: string = createRequire(createRequire(import.meta.url).resolve("miniflare"))("workerd").default;

export const onNode: readonly Server[] = Object.entries(nodes).map(([name, node]) =>
  server(name, async () => [node, "--expose-gc", await bundle(script("node"))]),
);
export const srvx: Server = server("srvx", () => [process.execPath, "--expose-gc", path("srvx")]);
export const bun: Server = server("bun", () => [installed("bun"), path("bun")]);
export const deno: Server = server("deno", () => [
  ...[installed("deno"), "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
  path("deno"),
]);
export const onWorkers: readonly Server[] = [
  onWorkerd("workerd", pinnedWorkerd),
  onWorkerd("workerd-newest", newestWorkerd),
];

/** All that have files. */
export const processes: readonly Server[] = [...onNode, srvx, bun, deno];
export const servers: readonly Server[] = [...processes, ...onWorkers];
