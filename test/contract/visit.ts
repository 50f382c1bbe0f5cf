import { setTimeout as pause } from "node:timers/promises";
import type { CallbackEvent, Event } from "./app/records.ts";
import type { Answer } from "./client.ts";
import type { Host, RunningHost, Sees, Way } from "./host.ts";

/** How long anything may take, in ms, on a machine that is busy. */
const PATIENCE = 40_000;

/** The callbacks among the events. */
export function callbacksIn(events: readonly Event[]): CallbackEvent[] {
  return events.filter((event): event is CallbackEvent => event.at === "callback");
}

/** One visit of a client to a host, in one of its ways, and what the host saw of it. */
export class Visit {
  readonly id: string;
  readonly way: Way;
  readonly host: Host;
  readonly running: RunningHost;
  /** What the way watches. */
  readonly sees: Sees;
  readonly #patience: number;

  /** @param patience How long anything may take, in ms. */
  constructor(host: Host, running: RunningHost, way: Way, id: string, patience = PATIENCE) {
    this.host = host;
    this.running = running;
    this.way = way;
    this.id = id;
    this.sees = host.ways[way] as Sees;
    this.#patience = patience;
  }

  /** The path of a route. `query` goes with the id; `told` asks for the way whose adapter has a callback too. */
  path(route: string, { query = "", id = this.id, told = false } = {}): string {
    return `/${this.way}${told ? "-told" : ""}/${route}?id=${id}${query}`;
  }

  send(
    route: string,
    { method, ...options }: { method?: string; query?: string; id?: string; told?: boolean } = {},
  ): Promise<Answer> {
    return this.running.client.send(this.path(route, options), method);
  }

  /** Asks, and reads the answer to its end. */
  async read(route: string, options: Parameters<Visit["send"]>[1] = {}): Promise<string> {
    return String(await (await this.send(route, options)).readAll());
  }

  /** The status of an answer, once it is read. A page is not told of it where the handler threw: its fetch fails, as with a 500. */
  async status(route: string, options: Parameters<Visit["send"]>[1] = {}): Promise<number> {
    try {
      const { status, readAll } = await this.send(route, options);
      await readAll();
      return status;
    } catch (error) {
      if (this.host.sockets) throw error;
      return 500;
    }
  }

  /** Asks for what is beside the routes. */
  async ask(what: string, query = `id=${this.id}`): Promise<unknown> {
    const answer = await this.running.client.send(`/control/${what}?${query}`);
    return JSON.parse(String(await answer.readAll()));
  }

  /** What happened so far to a request. */
  async events(id: string = this.id): Promise<Event[]> {
    return (await this.ask("events", `id=${id}`)) as Event[];
  }

  /** Opens the gate at which a route waits. */
  async release(id: string = this.id): Promise<void> {
    await this.ask("release", `id=${id}`);
  }

  /** Leaves a request while its handler waits at the gate, and opens that when the host has heard of it. */
  async leaveWaiting(route: string, options: { told?: boolean; id?: string } = {}): Promise<void> {
    await this.running.client.leaveUnanswered(this.path(route, options), () => this.noted("waits", options.id));
    await this.heard();
    await this.release(options.id);
  }

  /** Lets the host see what its clients did before now. */
  async heard(): Promise<void> {
    // One that answers these has seen what came before them.
    for (let i = 0; i < 3; i++) await this.events();
    await pause(50);
  }

  /** Waits until the events are as asked for; fails with those that there are. */
  until(met: (events: Event[]) => boolean, id: string = this.id): Promise<Event[]> {
    return this.#poll(() => this.events(id), met);
  }

  /**
   * The callbacks of all requests whose ids begin with that of the visit, by the rest of it, once there are `count`; then
   * a little later, so that a second run would show.
   */
  async all(count: number): Promise<Record<string, CallbackEvent[]>> {
    const ask = async () => (await this.ask("all-events")) as Record<string, Event[]>;
    await this.#poll(ask, (all) => callbacksIn(Object.values(all).flat()).length >= count);
    await pause(60);
    return Object.fromEntries(Object.entries(await ask()).map(([id, events]) => [id, callbacksIn(events)]));
  }

  async #poll<T>(ask: () => Promise<T>, met: (seen: T) => boolean): Promise<T> {
    const begun = performance.now();
    for (let wait = 20; ; wait = Math.min(wait * 1.5, 200)) {
      const seen = await ask();
      if (met(seen)) return seen;
      if (performance.now() - begun > this.#patience) {
        const complaints = this.running.complaints().slice(-2_000);
        throw new Error(`this is all that happened: ${JSON.stringify(seen)}\n${complaints}`);
      }
      await pause(wait);
    }
  }

  /** Waits until this was noted. */
  noted(at: string, id: string = this.id): Promise<Event[]> {
    return this.until((events) => events.some((event) => event.at === at), id);
  }

  /** The events, once callbacks of all these names were told; then a little later, so that a second run would show. */
  async ended(names: readonly string[] = ["own"], id: string = this.id): Promise<Event[]> {
    await this.until((events) => names.every((name) => callbacksIn(events).some((event) => event.name === name)), id);
    await pause(60);
    return this.events(id);
  }

  /** What the one callback of this name was told; fails where it ran more than once. */
  async outcome(name = "own", id: string = this.id): Promise<CallbackEvent> {
    const told = callbacksIn(await this.ended([name], id)).filter((event) => event.name === name);
    if (told.length !== 1) throw new Error(`it ran ${told.length} times: ${JSON.stringify(told)}`);
    return told[0] as CallbackEvent;
  }
}
