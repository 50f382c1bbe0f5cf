import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Host, Running } from "../../hosts/host.ts";
import { newestWorkerd, startWorker } from "../../hosts/workerd.ts";
import { installed, startProcess } from "../shutdown/process.ts";

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);

function inProcess(name: string, ...command: string[]): Host {
  return {
    name,
    async start(): Promise<Running> {
      const { line, close, complaints } = startProcess([...command, fileURLToPath(script(name))], {});
      try {
        const [, port] = await line(/^port (\d+)$/);
        return { port: Number(port), close, complaints };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

function inWorkerd(name: string, binary?: string): Host {
  const options = { flags: ["enable_request_signal"], ...(binary !== undefined && { binary }) };
  return { name, start: () => startWorker(script("workerd"), options) };
}

/** The servers for bodies that are written or transformed. */
export const servers: readonly Host[] = [
  inProcess("node", process.execPath),
  inProcess("bun", installed("bun")),
  inProcess("deno", installed("deno"), "run", "-A", "--no-check"),
  inWorkerd("workerd"),
  inWorkerd("workerd-newest", newestWorkerd),
];

/** On these the client's leaving is not told to a JavaScript stream (cloudflare/workerd#6832), unless it is wrapped. */
export const seesLeaving = (server: string, way: string): boolean => server !== "workerd" || way === "wrapped";

/** This workerd ends an errored chunked body as if it were whole, with plain responses too. */
export const cutsErrors = (server: string): boolean => server !== "workerd";
