import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "../../hosts/host.ts";
import { type Call, type Connect, type Connection, http1, http2 } from "./client.ts";
import type { Event } from "./records.ts";
import type { Server } from "./servers.ts";

/** What a callback was told, and in which circumstances. */
export type CallbackEvent = Extract<Event, { at: "callback" }>;

/** How long anything may take, in ms, on a machine that is busy. */
export const PATIENCE = 40_000;

const protocols: Record<Server["protocol"], Connect> = { http1, http2 };

/** One client's visit to a server, and what the server saw of it. */
export class Visit {
  readonly id: string;
  /** The first part of the paths. */
  readonly way: string;
  readonly server: Server;
  readonly #running: Running;
  readonly #connections: Connection[] = [];

  constructor(server: Server, running: Running, way: string, id: string) {
    this.server = server;
    this.#running = running;
    this.way = way;
    this.id = id;
  }

  /** The port that the server listens on. */
  get port(): number {
    return this.#running.port;
  }

  /** Opens a connection, which lasts until the visit is over. */
  connect(): Connection {
    const connection = protocols[this.server.protocol](this.port);
    this.#connections.push(connection);
    return connection;
  }

  /** The path of a route; `query` goes with the id. */
  path(route: string, query = "", id: string = this.id): string {
    return `/${this.way}/${route}?id=${id}${query}`;
  }

  /** Sends a request on a connection of its own. */
  send(route: string, method?: string, query?: string, id?: string): Promise<Call> {
    return this.connect().send(this.path(route, query, id), method);
  }

  /** Closes what is left of the connections. */
  leave(): void {
    for (const connection of this.#connections) connection.close();
  }

  /** Asks the server for what is beside the routes. */
  async ask(what: string, id: string = this.id): Promise<unknown> {
    const connection = protocols[this.server.protocol](this.port);
    const call = await connection.send(`/${what}?id=${id}`);
    const answer: unknown = JSON.parse(String(await call.readAll()));
    connection.close();
    return answer;
  }

  async events(id?: string): Promise<Event[]> {
    return (await this.ask("events", id)) as Event[];
  }

  /**
   * Waits until the events are as asked for; with `collecting` by collecting what nobody refers to. Says whether it was
   * in time.
   */
  async until(
    met: (events: Event[]) => boolean,
    { ms = PATIENCE, collecting = false, id = this.id } = {},
  ): Promise<boolean> {
    const begun = performance.now();
    for (;;) {
      if (met(await this.events(id))) return true;
      if (performance.now() - begun > ms) return false;
      if (collecting) await this.ask("collect");
      await pause(collecting ? 250 : 50);
    }
  }

  /** The events of the requests whose ids begin with that of the visit, once that many callbacks were told. */
  async all(callbacks: number): Promise<Record<string, Event[]>> {
    const begun = performance.now();
    for (;;) {
      const events = (await this.ask("all-events")) as Record<string, Event[]>;
      const isTold = callbacksIn(Object.values(events).flat()).length >= callbacks;
      if (isTold || performance.now() - begun > PATIENCE) return events;
      await this.ask("collect");
      await pause(250);
    }
  }

  /** What the callbacks were told, once all of `names` were; then a little later, so that a second run would show. */
  async callbacks(names: readonly string[], collecting = false, id: string = this.id): Promise<CallbackEvent[]> {
    await this.until((events) => names.every((name) => callbacksIn(events).some((event) => event.name === name)), {
      collecting,
      id,
    });
    await pause(100);
    return callbacksIn(await this.events(id));
  }
}

/** The callbacks among the events. */
export function callbacksIn(events: readonly Event[]): CallbackEvent[] {
  return events.filter((event) => event.at === "callback");
}
