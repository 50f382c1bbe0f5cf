import type { Client } from "./client.ts";

/**
 * How the responses are made and sent: the class `alone`; under the host's adapter, by `withResponseThen`, `handOver`
 * (`handed`), or the server's middleware; or in a Hono app with the middleware.
 */
export type Way = "alone" | "wrapped" | "handed" | "middleware" | "hono";

/** The moment that a way watches of a response: with a body, with a short fixed one, and without any. */
export interface Sees {
  readonly body: "pulled" | "flushed";
  readonly short: "pulled" | "flushed" | "handed-over";
  readonly empty: "handed-over" | "flushed";
}

/** A real runtime that serves the contract's application. */
export interface Host {
  /** As the table has it; the file of its report too. */
  readonly name: string;
  readonly ways: Readonly<Partial<Record<Way, Sees>>>;
  /** What the class alone sees of a `HEAD`: whether the server reads the body, or cancels it. */
  readonly head: "read" | "canceled";
  /** Whether clients reach it by sockets of their own. */
  readonly sockets: boolean;
  /** Its clients speak HTTP/2. */
  readonly http2?: true;
  /** The ways in which the platform's own `waitUntil` is used, where a test can see what it is given. */
  readonly waits?: readonly Way[];
  /** Whether the server's own `close()` waits for callbacks. */
  readonly closes?: true;
  /** Whether there is something to run on this machine. */
  readonly available?: boolean;
  start(): Promise<RunningHost>;
}

export interface RunningHost {
  readonly client: Client;
  /** Where clients with a socket of their own connect. */
  readonly port?: number;
  /** What it wrote to its standard error so far. */
  readonly complaints: () => string;
  close(): Promise<void>;
}

/** What the class alone sees, everywhere. */
export const alone: Sees = { body: "pulled", short: "pulled", empty: "handed-over" };

/** An adapter that Node tells when the last byte is flushed. */
export const flushed: Sees = { body: "flushed", short: "flushed", empty: "flushed" };

/** An adapter whose runtime takes short fixed bodies as those of plain responses. */
export const handedOver: Sees = { ...alone, short: "handed-over" };
