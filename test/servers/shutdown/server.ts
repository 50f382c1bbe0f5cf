import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { installed, type RunningProcess, startProcess } from "./process.ts";
import { parseRecords, type Records } from "./records.ts";

/** A server that can be stopped; its script is `serve/<script>.ts`. */
export interface Server {
  readonly name: string;
  readonly script: string;
  /** The command that runs the script. */
  command(script: URL): Promise<string[]> | string[];
}

const bundles = new Map<string, Promise<string>>();

function bundleOnce({ href }: URL): Promise<string> {
  const bundled = bundles.get(href) ?? bundle(new URL(href));
  bundles.set(href, bundled);
  return bundled;
}

const onNode = (name: string, script: string, node: string): Server => ({
  name,
  script,
  command: async (url) => [node, await bundleOnce(url)],
});

const onEachNode = (script: string) => Object.entries(nodes).map(([name, node]) => onNode(name, script, node));

/** `@hono/node-server`, stopped by Node's own `close()`. */
export const closedServers: readonly Server[] = onEachNode("hono-close");

/** srvx on Node, stopped by its own handler of SIGTERM too. */
export const gracefulServer: Server = onNode("srvx on node", "srvx-graceful", process.execPath);

export const servers: readonly Server[] = [
  ...onEachNode("hono"),
  onNode("srvx on node", "srvx", process.execPath),
  { name: "bun", script: "bun", command: (url) => [installed("bun"), fileURLToPath(url)] },
  {
    name: "deno",
    script: "deno",
    command: (url) => [installed("deno"), "run", "-A", "--no-check", fileURLToPath(url)],
  },
];

/** The limits of a server's shutdown, in ms. */
export interface Limits {
  readonly stop: number;
  readonly drain: number;
}

export interface RunningServer extends Pick<RunningProcess, "printed" | "complaints" | "exit" | "close"> {
  readonly url: URL;
  /** Sends SIGTERM, and waits until the server has begun to stop. */
  terminate(): Promise<void>;
  /** Lets the streams end, or the handlers that are late. */
  letEnd(what: "streams" | "handlers"): void;
  readonly records: () => Records;
}

export async function startServer({ script, command }: Server, { stop, drain }: Limits): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-"));
  const records = join(folder, "records");
  writeFileSync(records, "");
  const env = { RECORDS: records, STOP_WITHIN: String(stop), DRAIN_WITHIN: String(drain) };
  const running = startProcess(await command(new URL(`./serve/${script}.ts`, import.meta.url)), env);
  const close = async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  };
  try {
    const [, port] = await running.line(/^port (\d+)$/);
    return {
      ...running,
      url: new URL(`http://127.0.0.1:${port}`),
      async terminate() {
        running.terminate();
        await running.line(/^stopping$/);
      },
      letEnd: running.tell,
      records: () => parseRecords(readFileSync(records, "utf8")),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
