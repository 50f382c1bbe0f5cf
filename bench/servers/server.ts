import type { RunningServer } from "../process.ts";
import { type Runtime, startScript } from "../runtimes.ts";
import type { Way } from "./serve/answers.ts";

/** A server of the bench. */
export interface Server {
  readonly name: string;
  /** As the tables call it. */
  readonly text: string;
  /** Starts it with one content in one way, and nothing else to answer. */
  start(content: string, way: Way, env?: Record<string, string>): Promise<RunningServer>;
  /** The most that the upper end of the interval should be, for a string, by way. */
  readonly targets: Readonly<Partial<Record<Way, number>>>;
  /** Strings of one slot. */
  readonly requests: number;
}

/** Runs `serve/<script>.ts`. */
const runs =
  (runtime: Runtime, script: string, ...more: string[]): Server["start"] =>
  (content, way, env) =>
    startScript(runtime, new URL(`./serve/${script}.ts`, import.meta.url), [content, way, ...more], env);

const LIGHT = { adapter: 1.06, "adapter-async": 1.1, alone: 1.12, "for-all": 1.12 };

export const nodeServer: Server = {
  name: "node-server",
  text: "`@hono/node-server`, its own `Response`",
  start: runs("Node", "node-server"),
  targets: { adapter: 1.1, "adapter-async": 1.14, alone: 1.8, "for-all": 1.12 },
  requests: 3_000,
};

export const deno: Server = {
  name: "deno",
  text: "`Deno.serve`",
  start: runs("Deno", "deno"),
  targets: { adapter: 1.05, "adapter-async": 1.12, alone: 1.8, "for-all": 1.12 },
  requests: 3_000,
};

export const bun: Server = {
  name: "bun",
  text: "`Bun.serve`",
  start: runs("Bun", "bun"),
  targets: { adapter: 1.1, "adapter-async": 1.12, alone: 1.45, "for-all": 1.12 },
  requests: 3_000,
};

export const workerd: Server = {
  name: "workerd",
  text: "workerd, newest",
  start: runs("Node", "workerd"),
  targets: { adapter: 1.25, "adapter-async": 1.25, alone: 2, "for-all": 1.25 },
  requests: 1_500,
};

export const servers: readonly Server[] = [
  nodeServer,
  {
    name: "node-server, native",
    text: "`@hono/node-server`, native `Response`",
    start: runs("Node", "node-server", "native"),
    targets: LIGHT,
    requests: 3_000,
  },
  { name: "srvx", text: "`srvx` on Node", start: runs("Node", "srvx"), targets: LIGHT, requests: 3_000 },
  bun,
  deno,
  workerd,
];
