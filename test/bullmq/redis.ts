// A Redis of the test's own, on a port and in a folder of its own, from the redis-server of the system.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { type RunningProcess, startProcess } from "../servers/shutdown/process.ts";

/** The binary of Redis, where the system has one. */
export const redisServer: string | undefined = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin"]
  .map((folder) => join(folder, "redis-server"))
  .find((file) => existsSync(file));

/** What a test is called that needs Redis: it says so where it is skipped. */
export const onRedis = (name: string): string =>
  redisServer ? name : `${name} (skipped: there is no redis-server in the PATH)`;

export interface RunningRedis {
  readonly port: number;
  /** Stops it as a system does; what it has is on the disk. */
  stop(): Promise<void>;
  /** Starts it again, on the same port, with what it had. */
  start(): Promise<void>;
  /** Ends it for good, and removes its folder. */
  close(): Promise<void>;
}

/** Starts a Redis that writes down everything it is told (`appendonly`). */
export async function startRedis(): Promise<RunningRedis> {
  const folder = mkdtempSync(join(tmpdir(), "response-then-redis-"));
  const port = await freePort();
  const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--dir", folder];
  let server: RunningProcess;
  const redis: RunningRedis = {
    port,
    async start() {
      server = startProcess([redisServer as string, "--port", String(port), ...options], {});
      await server.line(/Ready to accept connections/);
    },
    async stop() {
      server.terminate();
      await server.exit;
    },
    async close() {
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}

/** A port that was free a moment ago: Redis cannot be asked for any. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
