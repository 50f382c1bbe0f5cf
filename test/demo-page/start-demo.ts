import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { vi } from "vitest";
import { root } from "../run.ts";
import { type RunningProcess, startProcess } from "../servers/shutdown/process.ts";

export interface Demo {
  readonly origin: string;
  readonly process: RunningProcess;
  /** The lines that it printed for responses, once there are so many. */
  endings(count: number): Promise<string[]>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

/** Runs the second half of `npm start`: the build is there. */
export async function startDemo(runtime: string[]): Promise<Demo> {
  const port = await freePort();
  const child = startProcess([process.execPath, `${root}/demo/start.ts`, ...runtime], { PORT: `${port}` });
  try {
    await child.line(/^One line per response/);
  } catch (error) {
    await child.close();
    throw error;
  }
  const endings = () => child.printed.filter((line) => /^(completed|canceled|errored)\b/.test(line));
  return {
    origin: `http://localhost:${port}`,
    process: child,
    async endings(count) {
      await vi.waitUntil(() => endings().length >= count, { timeout: 10_000, interval: 20 }).catch(() => {});
      return endings();
    },
  };
}
