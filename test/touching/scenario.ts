import type { Hono } from "hono";
import type { Make, Run } from "./run.ts";

/**
 * How the responses are made and sent: `plain` ones by a server without us, the class `alone`, under the host's adapter,
 * under the adapter with a callback for all (`shared`) and a listener, or in a Hono app with the middleware, a callback
 * for all and a listener (`hono`).
 */
export type Way = "alone" | "wrapped" | "shared" | "hono";
/** The ways in which the request that is answered is known. */
export const exchanges: readonly Way[] = ["wrapped", "shared", "hono"];

/** What a route knows of its request. */
export interface Asked {
  readonly request: Request;
  readonly run: Run;
  /** Makes a response with a callback; in the control a plain one. */
  readonly make: Make;
  /** Asks another route of the scenario, without a socket, by the handler as it is served. */
  readonly ask: (route: string) => Promise<Response>;
}

export type Route = (asked: Asked) => Response | Promise<Response>;

/** What a client got. */
export interface Received {
  /** 0 where no answer came at all. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Whether the body came to its end. */
  readonly whole: boolean;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Visit {
  /** When the first piece has come, or the end. */
  readonly first: Promise<void>;
  readonly received: Promise<Received>;
  leave(): void;
}

/** The clients of a scenario, and what the test asks of the server beside. */
export interface Client {
  open(route: string, options?: RequestOptions): Visit;
  get(route: string, options?: RequestOptions): Promise<Received>;
  /** Lets go on what waits for a word in the server. */
  say(word: string): Promise<void>;
  /** Waits until the server has marked something so often. */
  marked(mark: string, count?: number): Promise<void>;
  /** Waits until a callback has been told. Does nothing in the control. */
  hasTold(who: string): Promise<void>;
  /** Fails if a callback has been told. */
  untold(who: string): Promise<void>;
}

/** Requests that touch each other. */
export interface Scenario {
  readonly name: string;
  /** Default: all. */
  readonly ways?: readonly Way[];
  readonly routes: Readonly<Record<string, Route>>;
  /** In a Hono app: what is put in front of the routes; `path` is that of a route, `answer` its handler. */
  readonly hono?: (app: Hono, path: (route: string) => string, answer: (request: Request) => Promise<Response>) => void;
  /** Whether one request sends what another one has built: Workers refuses that, of plain responses too. */
  readonly crosses?: true;
  /** Whether the host has to tell that a client left before there is an answer: Deno tells after it. */
  readonly needsLeft?: true;
  /** What the clients do; gives what they got, in the order of `received`. */
  visit(client: Client): Promise<readonly Received[]>;
  /** `status body` for each; status, headers and body are the same as in the control besides. */
  readonly received: readonly string[];
  /**
   * What each callback is told, once: `type status bytes /route`. `*` stands for any word, `a|b` for one of these, and
   * words at the end may be left out. The route is known to a listener's `outcome.request` alone.
   */
  readonly told: Readonly<Record<string, string>>;
  /** What the callback for all is told of each route, and a listener. */
  readonly all?: Readonly<Record<string, string>>;
  /** Whether a listener hears of other responses too, such as those that went into what was sent. */
  readonly parts?: true;
  /** Those that are told no earlier than 5 s after the visit; the others within 4 s. */
  readonly late?: readonly string[];
  /** Those of which it is not said when they are told. */
  readonly anytime?: readonly string[];
}

/** What the server needs of it. */
export type Served = Pick<Scenario, "name" | "routes" | "hono">;

/** As it stands in a path. */
export const idOf = ({ name }: Served): string => name.replace(/\W+/g, "-");
