// The types of a scenario: requests that affect each other, what their clients receive, and what callbacks are told.
import type { Hono } from "hono";
import type { Make, Run } from "./run.ts";

/**
 * How the responses are made and sent: by the class `alone`; under the host's adapter (`wrapped`); under the adapter
 * with a callback for all and a listener (`shared`); or in a Hono app with the middleware, a callback for all and a
 * listener (`hono`).
 */
export type Way = "alone" | "wrapped" | "shared" | "hono";
/** The ways in which it is known which request is answered. */
export const exchanges: readonly Way[] = ["wrapped", "shared", "hono"];

/** What a route is given. */
export interface Asked {
  readonly request: Request;
  readonly run: Run;
  /** Makes a response with a callback. In the control it makes a plain one. */
  readonly make: Make;
  /** Asks another route of the scenario without a socket, through the handler as it is served. */
  readonly ask: (route: string) => Promise<Response>;
}

export type Route = (asked: Asked) => Response | Promise<Response>;

/** What a client got. */
export interface Received {
  /** 0 if no answer came at all. */
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
  /** Fulfils when the first piece, or the end, has come. */
  readonly first: Promise<void>;
  readonly received: Promise<Received>;
  leave(): void;
}

/** What a scenario's clients can do, and what the test can ask of the server besides. */
export interface Client {
  open(route: string, options?: RequestOptions): Visit;
  get(route: string, options?: RequestOptions): Promise<Received>;
  /** Says a word to the server, which wakes what waits for it there. */
  say(word: string): Promise<void>;
  /** Waits until the server has set a mark `count` times. */
  marked(mark: string, count?: number): Promise<void>;
  /** Waits until a callback has run. Does nothing in the control. */
  hasTold(who: string): Promise<void>;
  /** Fails if a callback has run. */
  untold(who: string): Promise<void>;
}

/** Requests that affect each other. */
export interface Scenario {
  readonly name: string;
  /** The ways in which it runs; default all. */
  readonly ways?: readonly Way[];
  readonly routes: Readonly<Record<string, Route>>;
  /** Adds to a Hono app in front of the routes. `path` gives the path of a route, and `answer` is the handler. */
  readonly hono?: (app: Hono, path: (route: string) => string, answer: (request: Request) => Promise<Response>) => void;
  /** Whether one request sends what another one has built. Workers refuse that, for plain responses too. */
  readonly crosses?: true;
  /** Whether the host must report that a client left before there is an answer. Deno reports it after the answer. */
  readonly needsLeft?: true;
  /** Runs the clients. Returns what they got, in the order of `received`. */
  visit(client: Client): Promise<readonly Received[]>;
  /** `status body` for each. The test also compares status, headers and body with those of the control. */
  readonly received: readonly string[];
  /**
   * What each callback is told, once: `type status bytes /route`. `*` stands for any word, `a|b` for one of these, and
   * words at the end may be left out. The route is known only while there is a listener, from `outcome.request`.
   */
  readonly told: Readonly<Record<string, string>>;
  /** What the callback for all, and a listener, are told about each route. */
  readonly all?: Readonly<Record<string, string>>;
  /** Whether a listener also hears of other responses, such as those that went into what was sent. */
  readonly parts?: true;
  /** The callbacks that run no earlier than 5 s after the visit. The others run within 4 s. */
  readonly late?: readonly string[];
  /** The callbacks whose time is not checked. */
  readonly anytime?: readonly string[];
}

/** The part of a scenario that the server needs. */
export type Served = Pick<Scenario, "name" | "routes" | "hono">;

/** The name of a scenario as it stands in a path. */
export const idOf = ({ name }: Served): string => name.replace(/\W+/g, "-");
