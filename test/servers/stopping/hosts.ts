import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";
import { newestWorkerd, startWorker } from "../../hosts/workerd.ts";
import { installed } from "../shutdown/process.ts";

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const file = (name: string) => fileURLToPath(script(name));

export const starts: readonly (readonly [string, () => Promise<Running>])[] = [
  ["Node 20", async () => startServer([nodes["node-20"] as string, await bundle(script("node"))])],
  ["Node 24", () => startServer([process.execPath, file("node")])],
  ["Bun", () => startServer([installed("bun"), file("bun")])],
  ["Deno", () => startServer([installed("deno"), "run", "-A", "--no-check", file("deno")])],
  ["workerd", () => startWorker(script("workerd"), { binary: newestWorkerd, flags: ["enable_request_signal"] })],
];
