// Of Node, Bun and Deno; workerd is asked by its inspector.
import process from "node:process";
import { memory as collect } from "../../bench/servers/serve/memory.ts";
import { unhandled } from "./books.ts";

declare const Bun: object | undefined;

/** What the process holds in objects and outside of its heap, in bytes; with `collected` after a collection. */
export async function memory(collected: boolean): Promise<number> {
  if (collected) return (await collect()).heap;
  const { heapUsed, external } = process.memoryUsage();
  return typeof Bun === "undefined" ? heapUsed + external : heapUsed;
}

// What would end the process is counted instead.
process.on("unhandledRejection", unhandled);
