// How one callback is run: isolated from the others, limited in time, its failures reported.
import { READ_ON } from "../expected.ts";
import { startTimeout } from "../runtime.ts";
import { type Callback, type CallbackContext, isThenable, type OnError, type Steps } from "./callbacks.ts";
import { named, type Outcome } from "./outcome.ts";
import { waitFor } from "./wait.ts";

const running = new Set<Run>();

/** Ends the time of all callbacks that run now; `limit` says by which limit. */
export function abortRunning(limit: string): void {
  for (const run of running) run.overrun(limit);
}

/**
 * Runs the steps of one callback, each isolated: a throw, a rejection or an overrun of the timeout is reported once.
 * The first step starts before this function returns.
 *
 * @returns Fulfils when the last step has settled or the time is over, and never rejects; `undefined` when all have
 * settled at once.
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
    // Only from here on: a callback without a promise costs no timer.
    if (result || run.telling) return run.finish(result, steps.slice(i + 1));
  }
  return undefined;
}

/** One callback, running. */
class Run implements CallbackContext {
  readonly #outcome: Outcome;
  readonly #timeout: number;
  readonly #onError: OnError | undefined;
  #controller: AbortController | undefined;
  /** Why its time is over. */
  #late: Error | undefined;
  /** What `onError` has returned, to be waited for. */
  #told: PromiseLike<unknown> | undefined;
  /** Rejects what is waited for. */
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

  /** @returns What the step has returned, where that is to be waited for. */
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
      // After an overrun a step has as much time again, and no report of its own: it would be the same overrun.
      if (this.#late) await this.#inTime(Promise.resolve(result).then(undefined, (error) => this.#report(error)));
      else await this.#settled(result);
    } catch (error) {
      this.#report(error);
    }
    const told = this.#told;
    this.#told = undefined;
    if (told) await this.#inTime(told);
  }

  /** As `result`, until the time is over. */
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

  /** Tells of a failure, and of a failure to tell. Never throws. */
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
      // Node's console throws where the error's own inspection does.
    }
  }
}
