import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { startWorker } from "../../test/hosts/workerd.ts";
import { clockOfChild } from "../cpu.ts";
import { installed, skip } from "../installed.ts";
import { type RunningServer, startProcess } from "../process.ts";
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
  start(): Promise<RunningServer>;
}

const ALONE = { alone: "`ResponseThen` alone" };
const OURS = { ...ALONE, wrapped: "`ResponseThen` under the adapter" };
const FOLK = { folk: "`pipeThrough(new TransformStream({ flush }))`" };
const PROMISE = { promise: "a promise that the handler starts" };

const SOURCE = { source: "the body's source calls back before it ends" };

const script = (name: string) => fileURLToPath(new URL(`./serve/${name}.ts`, import.meta.url));
const node = (name: string) => () => startProcess({ file: process.execPath, args: [script(name)] });
const bun = (name: string) => () => startProcess({ file: "npx", args: ["--no-install", "bun", script(name)] });
const deno = (name: string) => () =>
  startProcess({ file: "npx", args: ["--no-install", "deno", "run", "-A", "--no-check", script(name)] });

async function workerd(): Promise<RunningServer> {
  const binary: string = createRequire(import.meta.url)("workerd-newest").default;
  const entry = new URL("./serve/workerd.ts", import.meta.url);
  const { port, close } = await startWorker(entry, { binary, flags: ["enable_request_signal"] });
  return { port, close, pid: undefined, clock: clockOfChild("workerd") };
}

const DISPOSE = { ...OURS, dispose: "`onDispose` of h3" };

/** Every server; those that are called `peer` need the packages that the benches have for themselves. */
const servers: readonly (PeerServer & { readonly peer?: true })[] = [
  {
    name: "hono",
    text: "`@hono/node-server`",
    ways: { ...OURS, ...FOLK, ...PROMISE, logger: "a middleware of Hono, after `await next()`" },
    within: SOURCE,
    start: node("hono"),
  },
  {
    name: "srvx",
    text: "`srvx` on Node",
    ways: { ...OURS, ...FOLK, promise: "`request.waitUntil(promise)`" },
    within: SOURCE,
    start: node("srvx"),
  },
  { name: "bun", text: "`Bun.serve`", ways: { ...OURS, ...FOLK, ...PROMISE }, within: SOURCE, start: bun("bun") },
  { name: "deno", text: "`Deno.serve`", ways: { ...OURS, ...FOLK, ...PROMISE }, within: SOURCE, start: deno("deno") },
  {
    name: "workerd",
    text: "workerd",
    ways: { ...OURS, ...FOLK, promise: "`ctx.waitUntil(promise)`" },
    within: SOURCE,
    start: workerd,
  },
  { name: "h3", text: "h3 on Node", ways: DISPOSE, within: {}, start: node("h3") },
  { name: "h3-bun", text: "h3 on Bun", ways: DISPOSE, within: {}, start: bun("h3") },
  { name: "h3-deno", text: "h3 on Deno", ways: DISPOSE, within: {}, start: deno("h3") },
  {
    name: "node-http",
    text: "`node:http`",
    ways: { handed: "`ResponseThen`, by `handOver`", "on-finished": "`on-finished`" },
    within: { task: "in the task that has written the answer, as Starlette" },
    start: node("node-http"),
    peer: true,
  },
  {
    name: "elysia",
    text: "Elysia on Bun",
    ways: { ...OURS, after: "`onAfterResponse`" },
    within: {},
    start: bun("elysia"),
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
