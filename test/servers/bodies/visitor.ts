import { setTimeout as pause } from "node:timers/promises";
import { type Exchange, send } from "../../client.ts";
import type { Running } from "../../hosts/host.ts";
import type { Event } from "./records.ts";

/** How long anything may take, in ms, on a machine that is busy. */
const PATIENCE = 15_000;

let visits = 0;

/** One client's request to a server, and what the server saw of it. */
export class Visitor {
  readonly #running: Running;
  readonly #way: string;
  readonly #id = `visit-${++visits}`;

  constructor(running: Running, way: string) {
    this.#running = running;
    this.#way = way;
  }

  send(route: string, method = "GET"): Promise<Exchange> {
    const url = `http://127.0.0.1:${this.#running.port}/${this.#way}/${route}?id=${this.#id}`;
    return send(new URL(url), { method });
  }

  /** What the source gave so far, or the writer wrote, in bytes. */
  async count(): Promise<number> {
    return JSON.parse(String(await (await this.send("count")).readAll()));
  }

  /** The count, once it has stayed the same for a while. */
  async settledCount(): Promise<number> {
    let before = -1;
    let count = await this.count();
    for (let same = 0; same < 3; same = count === before ? same + 1 : 0) {
      before = count;
      await pause(60);
      count = await this.count();
    }
    return count;
  }

  async events(): Promise<Event[]> {
    return JSON.parse(String(await (await this.send("events")).readAll()));
  }

  /** The events, once they are as asked for; then a little later, so that what comes twice would show. */
  async eventsWhen(met: (events: Event[]) => boolean): Promise<Event[]> {
    const begun = performance.now();
    for (let events = await this.events(); !met(events); events = await this.events()) {
      if (performance.now() - begun > PATIENCE) {
        throw new Error(`not in time: ${JSON.stringify(events)}\n${this.#running.complaints()}`);
      }
      await pause(20);
    }
    await pause(50);
    return this.events();
  }

  /** The events, once the callback was told. */
  told(): Promise<Event[]> {
    return this.eventsWhen((events) => events.some(({ at }) => at === "callback"));
  }
}
