import process from "node:process";
import { newestWorkerd, startWorker } from "../../test/hosts/workerd.ts";
import { installed, skip } from "../installed.ts";
import type { RunningServer } from "../process.ts";
import { type Runtime, startScript } from "../runtimes.ts";
import { startNext } from "./next.ts";

/** A server with its ways to learn that a response has ended: this library's, those of others, what people write. */
export interface PeerServer {
  readonly name: string;
  /** As the tables call it. */
  readonly text: string;
  /** By the first part of their paths, as the tables call them. */
  readonly ways: Readonly<Record<string, string>>;
  /** Those whose callback is a part of the answer: they know its end, and hold it up. */
  readonly within: Readonly<Record<string, string>>;
  /**
   * Starts it.
   *
   * @param only The one way that it will be asked for: nothing else then stands before it, where others need something.
   */
  start(only?: string): Promise<RunningServer>;
}

const ALONE = { alone: "`ResponseThen` alone" };
const OURS = { ...ALONE, wrapped: "`ResponseThen` under the adapter" };
const FOLK = { folk: "`pipeThrough(new TransformStream({ flush }))`" };
const PROMISE = { promise: "a promise that the handler starts" };

const SOURCE = { source: "the body's source calls back before it ends" };

const runs =
  (runtime: Runtime, script: string) =>
  (only?: string): Promise<RunningServer> =>
    startScript(runtime, new URL(`./serve/${script}.ts`, import.meta.url), only === undefined ? [] : [only]);

async function workerd(): Promise<RunningServer> {
  const entry = new URL("./serve/workerd.ts", import.meta.url);
  const { port, close } = await startWorker(entry, { binary: newestWorkerd, flags: ["enable_request_signal"] });
  return { port, control: port, pid: process.pid, close };
}

const DISPOSE = { ...OURS, dispose: "`onDispose` of h3" };

/** Every server; those that are called `peer` need the packages that the benches have for themselves. */
const servers: readonly (PeerServer & { readonly peer?: true })[] = [
  {
    name: "hono",
    text: "`@hono/node-server`",
    ways: { ...OURS, ...FOLK, ...PROMISE, logger: "a middleware of Hono, after `await next()`" },
    within: SOURCE,
    start: runs("Node", "hono"),
  },
  {
    name: "srvx",
    text: "`srvx` on Node",
    ways: { ...OURS, ...FOLK, promise: "`request.waitUntil(promise)`" },
    within: SOURCE,
    start: runs("Node", "srvx"),
  },
  {
    name: "bun",
    text: "`Bun.serve`",
    ways: { ...OURS, ...FOLK, ...PROMISE },
    within: SOURCE,
    start: runs("Bun", "bun"),
  },
  {
    name: "deno",
    text: "`Deno.serve`",
    ways: { ...OURS, ...FOLK, ...PROMISE },
    within: SOURCE,
    start: runs("Deno", "deno"),
  },
  {
    name: "workerd",
    text: "workerd",
    ways: { ...OURS, ...FOLK, promise: "`ctx.waitUntil(promise)`" },
    within: SOURCE,
    start: workerd,
  },
  { name: "h3", text: "h3 on Node", ways: DISPOSE, within: {}, start: runs("Node", "h3") },
  { name: "h3-bun", text: "h3 on Bun", ways: DISPOSE, within: {}, start: runs("Bun", "h3") },
  { name: "h3-deno", text: "h3 on Deno", ways: DISPOSE, within: {}, start: runs("Deno", "h3") },
  {
    name: "node-http",
    text: "`node:http`",
    ways: { handed: "`ResponseThen`, by `handOver`", "on-finished": "`on-finished`" },
    within: { task: "in the task that has written the answer, as Starlette" },
    start: runs("Node", "node-http"),
    peer: true,
  },
  {
    name: "elysia",
    text: "Elysia on Bun",
    ways: { ...OURS, after: "`onAfterResponse`" },
    within: {},
    start: runs("Bun", "elysia"),
    peer: true,
  },
  { name: "next", text: "Next, `next start`", ways: { ...OURS, after: "`after`" }, within: {}, start: startNext },
];

/** What an answer without a callback is called. */
export const PLAIN = "plain, no callback";

/** The servers, without those whose packages a smoke run does not have. */
export function peerServers(short: boolean): readonly PeerServer[] {
  if (installed(short)) return servers;
  return servers.filter(({ peer, text }) => {
    if (peer) skip(text);
    return !peer;
  });
}

/** Runs `measure` for each server, a few at a time, and starts and ends the server around it; fulfils in their order. */
export async function eachServer<T>(
  servers: readonly PeerServer[],
  atOnce: number,
  measure: (server: PeerServer, running: RunningServer) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  const left = [...servers.entries()];
  const work = async () => {
    for (let next = left.shift(); next; next = left.shift()) {
      const [index, server] = next;
      const running = await server.start();
      try {
        results[index] = await measure(server, running);
      } finally {
        await running.close();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return results;
}
