import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { Miniflare, type WorkerOptions as MiniflareOptions } from "miniflare";
import { expect } from "vitest";
import type { Running } from "./host.ts";

export interface WorkerOptions {
  /** Another workerd than the one that miniflare brings. */
  readonly binary?: string;
  readonly flags?: string[];
  readonly bindings?: Record<string, string>;
  /** Further options of miniflare, such as queues; they win over the others. */
  readonly options?: Partial<MiniflareOptions>;
}

export interface RunningWorker extends Running {
  /** Reads what the Worker wrote to its bindings. */
  readonly miniflare: Miniflare;
}

/** Runs a Worker on a socket of its own: miniflare's entry worker would stand between the client and the Worker. */
export async function startWorker(
  entry: URL,
  { binary, flags = [], bindings = {}, options = {} }: WorkerOptions,
): Promise<RunningWorker> {
  const bundle = await build({
    entryPoints: [fileURLToPath(entry)],
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["cloudflare:*", "node:*"],
    // Its paths lead the package's own names to the sources.
    tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)),
  });
  let complaints = "";
  // Read by miniflare when it starts the runtime.
  if (binary !== undefined) process.env.MINIFLARE_WORKERD_PATH = binary;
  const miniflare = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text ?? "",
    compatibilityDate: "2026-07-01",
    compatibilityFlags: flags,
    bindings,
    unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
    handleStructuredLogs: ({ message }: { message: string }) => {
      complaints += `${message}\n`;
    },
    ...options,
  });
  // Also where the runtime does not start: the next one would be another than is meant.
  const started = miniflare.unsafeGetDirectURL().finally(() => delete process.env.MINIFLARE_WORKERD_PATH);
  const { port } = await started;
  return { port: Number(port), complaints: () => complaints, close: () => miniflare.dispose(), miniflare };
}

/** Runs a Worker while `use` goes on; it must have complained of nothing by then. */
export async function withWorker(
  entry: URL,
  options: WorkerOptions,
  use: (worker: RunningWorker) => Promise<void>,
): Promise<void> {
  const worker = await startWorker(entry, options);
  try {
    await use(worker);
    expect(worker.complaints()).toBe("");
  } finally {
    await worker.close();
  }
}

/** The newest workerd whose binaries the registry has for every platform; `NEWEST_WORKERD` names another binary. */
export const newestWorkerd: string =
  process.env.NEWEST_WORKERD ?? createRequire(import.meta.url)("workerd-newest").default;
