import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { send } from "../../client.ts";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";
import { installed } from "../shutdown/process.ts";

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const file = (name: string) => fileURLToPath(script(name));

export const starts: readonly (readonly [string, () => Promise<Running>])[] = [
  ["Node 20", async () => startServer([nodes["node-20"] as string, await bundle(script("node"))])],
  ["Node 24", () => startServer([process.execPath, file("node")])],
  ["Node 26", async () => startServer([nodes["node-26"] as string, await bundle(script("node"))])],
  ["Bun", () => startServer([installed("bun"), file("bun")])],
  ["Deno", () => startServer([installed("deno"), "run", "-A", "--no-check", file("deno")])],
];

let visits = 0;

/** A client that leaves in the middle of a body, by a reset. */
export class Visit {
  readonly #running: Running;
  readonly #id = `${++visits}`;

  constructor(running: Running) {
    this.#running = running;
  }

  #url(path: string): URL {
    return new URL(`http://127.0.0.1:${this.#running.port}${path}?id=${this.#id}`);
  }

  /** Reads a piece, and leaves. */
  async leave(path: string): Promise<void> {
    const { readAtLeast, message, socket } = await send(this.#url(path));
    await readAtLeast(1_000);
    message.on("error", () => {});
    socket.resetAndDestroy();
  }

  async ask(what: "events" | "release"): Promise<unknown> {
    return JSON.parse(String(await (await send(this.#url(`/${what}`))).readAll()));
  }

  /** What happened, once all of `wanted` has, or `ms` later. */
  async events(wanted: readonly string[], ms = 15_000): Promise<string[]> {
    const begun = performance.now();
    for (;;) {
      const events = (await this.ask("events")) as string[];
      if (wanted.every((each) => events.some((event) => event.startsWith(each)))) return events;
      if (performance.now() - begun > ms) return events;
      await pause(20);
    }
  }
}
