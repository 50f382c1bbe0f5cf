// Runs one callback: isolated from the others, limited in time, and with its failures reported.
import { READ_ON } from "../expected.ts";
import { startTimeout } from "../runtime.ts";
import { type Callback, type CallbackContext, isThenable, type OnError, type Steps } from "./callbacks.ts";
import { named, type Outcome } from "./outcome.ts";
import { waitFor } from "./wait.ts";

const running = new Set<Run>();

/** Ends the time of all callbacks that run now. `limit` names the reason in the error. */
export function abortRunning(limit: string): void {
  for (const run of running) run.overrun(limit);
}

/**
 * Runs the steps of one callback, each isolated: a throw, a rejection or an overrun of the timeout is reported once.
 * The first step starts before this function returns.
 *
 * @returns Fulfils when the last step has settled or the time is over, and never rejects; `undefined` if nothing has to
 * be waited for.
 */
export function runSteps(
  steps: Steps,
  outcome: Outcome,
  timeout: number,
  onError?: OnError,
): Promise<void> | undefined {
  const run = new Run(outcome, timeout, onError);
  for (let i = 0; i < steps.length; i++) {
    const result = run.attempt(steps[i] as Callback);
    // Only from here on is there a timer: a callback without a promise needs none.
    if (result || run.telling) return run.finish(result, steps.slice(i + 1));
  }
  return undefined;
}

/** One running callback. */
class Run implements CallbackContext {
  readonly #outcome: Outcome;
  readonly #timeout: number;
  readonly #onError: OnError | undefined;
  #controller: AbortController | undefined;
  /** The `TimeoutError`, when its time is over. */
  #late: Error | undefined;
  /** The promise that `onError` has returned. */
  #told: PromiseLike<unknown> | undefined;
  /** Rejects the promise that is being waited for. */
  #giveUp: ((reason: Error) => void) | undefined;

  constructor(outcome: Outcome, timeout: number, onError: OnError | undefined) {
    this.#outcome = outcome;
    this.#timeout = timeout;
    this.#onError = onError;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#late) this.#controller.abort(this.#late);
    return this.#controller.signal;
  }

  get telling(): boolean {
    return this.#told !== undefined;
  }

  /** @returns The promise that the step has returned, if it has. */
  attempt(step: Callback): PromiseLike<unknown> | undefined {
    try {
      const result = step(this.#outcome, this);
      return isThenable(result) ? result : undefined;
    } catch (error) {
      return void this.#report(error);
    }
  }

  async finish(first: PromiseLike<unknown> | undefined, rest: Steps): Promise<void> {
    const timer = startTimeout(() => this.overrun(`timeout of ${this.#timeout} ms`), this.#timeout);
    running.add(this);
    await this.#wait(first);
    for (const step of rest) {
      const result = this.attempt(step);
      if (result || this.#told) await this.#wait(result);
    }
    clearTimeout(timer);
    running.delete(this);
  }

  overrun(limit: string): void {
    this.#late ??= named("TimeoutError", `A callback took longer than the ${limit}${READ_ON}`);
    this.#controller?.abort(this.#late);
    this.#giveUp?.(this.#late);
  }

  async #wait(result: PromiseLike<unknown> | undefined): Promise<void> {
    try {
      // After an overrun a step has the same time again. Its own overrun is not reported: one report was enough.
      if (this.#late) await this.#inTime(Promise.resolve(result).then(undefined, (error) => this.#report(error)));
      else await this.#settled(result);
    } catch (error) {
      this.#report(error);
    }
    const told = this.#told;
    this.#told = undefined;
    if (told) await this.#inTime(told);
  }

  /** Settles as `result` does, or rejects when the time is over. */
  #settled(result: unknown): Promise<unknown> {
    const [settled, giveUp] = waitFor(result);
    this.#giveUp = giveUp;
    return settled;
  }

  #inTime(told: PromiseLike<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const timer = startTimeout(resolve, this.#timeout);
      told.then(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Reports a failure, and a failure of the report itself. Never throws. */
  #report(error: unknown): void {
    const fail = (failure: unknown) => {
      this.#log(failure);
      this.#log(error);
    };
    try {
      const told = this.#onError ? this.#onError(error, this.#outcome) : this.#log(error);
      if (isThenable(told)) this.#told = Promise.resolve(told).then(undefined, fail);
    } catch (failure) {
      fail(failure);
    }
  }

  // Not reportError: it ends the process on Bun and Deno (decisions/001).
  #log(failure: unknown): void {
    try {
      console.error(`response-then: a callback failed${READ_ON}`, failure, this.#outcome);
    } catch {
      // Node's console throws if the inspection of the error throws.
    }
  }
}
