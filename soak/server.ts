import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { newestWorkerd, startWorker } from "../test/hosts/workerd.ts";
import { killGroup } from "../test/kill-group.ts";
import { Inspector } from "./inspector.ts";
import type { Account } from "./serve/books.ts";

const commands: Readonly<Record<string, readonly string[]>> = {
  // Each with a way to collect garbage.
  node: [process.execPath, "--expose-gc"],
  bun: ["npx", "--no-install", "bun"],
  deno: ["npx", "--no-install", "deno", "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
};

export const runtimes: readonly string[] = [...Object.keys(commands), "workerd"];

/** A server under soak. */
export interface SoakedServer {
  readonly port: number;
  account(): Promise<Account>;
  /** What it holds, in bytes; with `collect` after a collection of garbage. */
  memory(collect: boolean): Promise<number>;
  close(): Promise<void>;
}

/** Starts the server of a runtime in a process of its own. */
export function startServer(runtime: string): Promise<SoakedServer> {
  return runtime === "workerd" ? startOnWorkerd() : startProcess(runtime);
}

const ask = async <T>(port: number, path: string): Promise<T> => {
  // Not on a connection that another request may use: its end would be one more thing that happens.
  const response = await fetch(`http://127.0.0.1:${port}/${path}`, { headers: { connection: "close" } });
  return (await response.json()) as T;
};

async function startProcess(runtime: string): Promise<SoakedServer> {
  const [file = "", ...args] = commands[runtime] ?? [];
  const script = fileURLToPath(new URL(`./serve/${runtime}.ts`, import.meta.url));
  // A group of its own, so that what npx starts ends with it.
  const child = spawn(file, [...args, script], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const kill = () => {
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
  };
  process.once("exit", kill);
  const exited = once(child, "exit");
  // Handlers that throw are told there, thousands of times.
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints = `${complaints}${text}`.slice(-2_000);
  });
  for await (const line of createInterface(child.stdout)) {
    const port = Number(/^port (\d+)$/.exec(line)?.[1]);
    if (Number.isNaN(port)) continue;
    child.stdout.resume();
    return {
      port,
      account: () => ask(port, "account"),
      memory: (collect) => ask(port, collect ? "collect" : "sample"),
      async close() {
        process.off("exit", kill);
        kill();
        await exited;
      },
    };
  }
  throw new Error(`The server on ${runtime} did not start: ${complaints}`);
}

async function startOnWorkerd(): Promise<SoakedServer> {
  // The newest: before 1.20261015.1 a client that leaves an idle source is seen late (docs/cloudflare.md).
  const worker = await startWorker(new URL("./serve/workerd.ts", import.meta.url), {
    binary: newestWorkerd,
    flags: ["enable_request_signal"],
    options: { inspectorPort: 0 },
  });
  const inspector = await Inspector.open(await worker.miniflare.getInspectorURL());
  return {
    port: worker.port,
    account: () => ask(worker.port, "account"),
    memory: (collect) => inspector.memory(collect),
    async close() {
      inspector.close();
      await worker.close();
    },
  };
}
