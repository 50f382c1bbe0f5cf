import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type Clock, clockOf } from "../cpu.ts";

/** A server of the bench; its script is `serve/<name>.ts`. */
export interface Server {
  readonly name: string;
  /** As the table calls it. */
  readonly text: string;
  readonly command: readonly string[];
  /** The most that a `ResponseThen` alone should cost, by the plain `Response`. */
  readonly alone: number;
}

// With a way to collect garbage, for the memory that is measured.
const node = [process.execPath, "--expose-gc"];

export const servers: readonly Server[] = [
  { name: "hono-native", text: "`@hono/node-server`, native `Response`", command: node, alone: 1.5 },
  { name: "hono", text: "`@hono/node-server`, its own `Response`", command: node, alone: 2.2 },
  { name: "srvx", text: "`srvx` on Node", command: node, alone: 2.2 },
  { name: "bun", text: "`Bun.serve`", command: ["npx", "--no-install", "bun"], alone: 1.6 },
  {
    name: "deno",
    text: "`Deno.serve`",
    command: ["npx", "--no-install", "deno", "run", "-A", "--no-check", "--v8-flags=--expose-gc"],
    alone: 2.2,
  },
];

/** A server in a process of its own. */
export interface RunningServer {
  readonly port: number;
  /** What the process costs. */
  readonly clock: Clock;
  close(): Promise<void>;
}

export async function startServer({ name, command }: Server): Promise<RunningServer> {
  const [file = "", ...args] = command;
  const script = fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url));
  // A group of its own, so that what npx starts ends with it.
  const child = spawn(file, [...args, script], { stdio: ["ignore", "pipe", "pipe"], detached: true });
  const kill = () => {
    // The group is gone where the server has ended by itself.
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid as number), "SIGKILL");
  };
  process.once("exit", kill);
  const exited = once(child, "exit");
  let complaints = "";
  child.stderr.on("data", (text) => {
    complaints += text;
  });
  for await (const line of createInterface(child.stdout)) {
    const [, port, pid] = /^port (\d+) pid (\d+)$/.exec(line) ?? [];
    if (port === undefined) continue;
    return {
      port: Number(port),
      clock: clockOf(pid),
      async close() {
        process.off("exit", kill);
        kill();
        await exited;
      },
    };
  }
  throw new Error(`The server ${name} did not start: ${complaints}`);
}

/** Starts a server, runs `use` with it, and ends it. */
export async function withServer<T>(server: Server, use: (running: RunningServer) => Promise<T>): Promise<T> {
  const running = await startServer(server);
  try {
    return await use(running);
  } finally {
    await running.close();
  }
}
