import type { Exchange } from "../../../client.ts";
import type { Told } from "./answers.ts";

/** A request to one of the answers, and what the app tells of it. Nothing waits for ever: a gap must fail. */
export class Asked {
  readonly #exchange: Promise<Exchange>;
  readonly #lines: () => readonly Told[];
  readonly #until: Until;

  constructor(exchange: Promise<Exchange>, lines: () => readonly Told[], until: Until) {
    this.#exchange = exchange;
    this.#lines = lines;
    this.#until = until;
    // Some servers cut the connection before the head has left: who asks for the head is told.
    exchange.catch(() => {});
  }

  /** Waits for the head of the answer. */
  head(): Promise<Exchange> {
    return this.#settled("the head", this.#exchange);
  }

  /** Reads the answer to its end. */
  async text(): Promise<string> {
    const exchange = await this.head();
    return String(await this.#settled("the end of the body", exchange.readAll()));
  }

  /** Reads some of it, and resets the connection. */
  async leave(): Promise<void> {
    const exchange = await this.head();
    await this.#settled("the first piece", exchange.readAtLeast(3_000));
    exchange.socket.resetAndDestroy();
  }

  /** Lets go of the connection, however far it is. */
  async close(): Promise<void> {
    (await this.head().catch(() => undefined))?.socket.destroy();
  }

  /** Waits for the callback. */
  outcome(): Promise<NonNullable<Told["outcome"]>> {
    return this.#until("the outcome", () => this.#lines().find(({ outcome }) => outcome)?.outcome);
  }

  /** Waits until the source is released: read to its end, or canceled. */
  released(): Promise<NonNullable<Told["source"]>> {
    return this.#until("the end of the source", () => this.#lines().find(({ source }) => source)?.source);
  }

  async #settled<Value>(what: string, promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.#until(what, () => settled || undefined);
    return promise;
  }
}

/** Waits until something is found, or rejects with what was waited for. */
export type Until = <Value>(what: string, find: () => Value | undefined) => Promise<Value>;
