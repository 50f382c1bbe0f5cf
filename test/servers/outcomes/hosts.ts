// The servers, and a client that leaves them.
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Exchange, send } from "../../client.ts";
import type { Running } from "../../hosts/host.ts";
import { bundle, nodes } from "../../hosts/node-versions.ts";
import { startServer } from "../../hosts/process.ts";
import { newestWorkerd, startWorker } from "../../hosts/workerd.ts";
import { installed } from "../shutdown/process.ts";
import type { Event } from "./app.ts";

const script = (name: string) => new URL(`./serve/${name}.ts`, import.meta.url);
const file = (name: string) => fileURLToPath(script(name));

export const starts: readonly (readonly [name: string, start: () => Promise<Running>])[] = [
  ["Node 20", async () => startServer([nodes["node-20"] as string, await bundle(script("node"))])],
  ["Node 24", () => startServer([process.execPath, file("node")])],
  ["Bun", () => startServer([installed("bun"), file("bun")])],
  ["Deno", () => startServer([installed("deno"), "run", "-A", "--no-check", file("deno")])],
  ["workerd", () => startWorker(script("workerd"), { binary: newestWorkerd, flags: ["enable_request_signal"] })],
];

let visits = 0;

export class Visit {
  readonly #running: Running;
  readonly id = `${process.pid}-${++visits}`;

  constructor(running: Running) {
    this.#running = running;
  }

  url(path: string, query = ""): URL {
    return new URL(`http://127.0.0.1:${this.#running.port}${path}?id=${this.id}${query}`);
  }

  send(path: string, query = ""): Promise<Exchange> {
    return send(this.url(path, query));
  }

  async ask<T>(what: string): Promise<T> {
    return JSON.parse(String(await (await send(this.url(`/${what}`))).readAll()));
  }

  /** What happened, once something of this name has. */
  async until(what: string, ms = 10_000): Promise<Event[]> {
    for (const begun = performance.now(); ; await pause(25)) {
      const events = await this.ask<Event[]>("events");
      if (events.some((event) => event.what === what)) return events;
      if (performance.now() - begun > ms)
        throw new Error(`not in time: ${JSON.stringify(events)}\n${this.#running.complaints().slice(-1_000)}`);
    }
  }

  /** What the callback was told; fails where it was told more than once. */
  async told(what = "told", ms?: number): Promise<Event> {
    await this.until(what, ms);
    await pause(60);
    const told = (await this.ask<Event[]>("events")).filter((event) => event.what === what);
    if (told.length !== 1) throw new Error(`told ${told.length} times: ${JSON.stringify(told)}`);
    return told[0] as Event;
  }
}
