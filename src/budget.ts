import { startTimeout } from "./timeout.ts";

/** The time that the callbacks of one response have together, and the signal that says when it is over. */
export class Budget {
  readonly #controller = new AbortController();
  readonly #timeout: number;
  #overrun: Promise<never> | undefined;
  #stop: (() => void) | undefined;

  /** @param timeout Milliseconds. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Rejects when the budget is over. The clock starts only when somebody asks: synchronous callbacks cost no timer. */
  overrun(): Promise<never> {
    this.#overrun ??= this.#start();
    return this.#overrun;
  }

  #start(): Promise<never> {
    const { signal } = this;
    const overrun = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    overrun.catch(() => {});
    const message = `The callbacks of a response took longer than their timeout of ${this.#timeout} ms`;
    this.#stop = startTimeout(() => this.abort(new DOMException(message, "TimeoutError")), this.#timeout);
    return overrun;
  }

  /** Ends the budget now. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
    this.close();
  }

  /** Stops the clock: the callbacks are done. */
  close(): void {
    this.#stop?.();
  }
}
