import { expected, READ_ON } from "./expected.ts";
import { type Canceled, type Completed, type Errored, named, type Outcome } from "./outcome.ts";
import { onBun, onWorkers } from "./runtime.ts";
import { startTimeout } from "./timeout.ts";
import { giveUp, settled, type Waiting } from "./waiting.ts";

/**
 * Runs after the response has ended.
 *
 * @param outcome How the response ended.
 * @param signal Aborts when the callback's `timeout` is over, or when `drain()` runs out of time. Declare it to keep it: a
 * callback that declares no second parameter may share one with others.
 * @returns Anything; a promise is waited for.
 */
export type Callback = (outcome: Outcome, signal: AbortSignal) => unknown;

/** A callback per outcome. `finally` runs last, whatever the outcome, also when the one before it failed. */
export interface CallbackObject {
  /** Runs when the body was read to its end, or when there was none. */
  completed?(outcome: Completed, signal: AbortSignal): unknown;
  /** Runs when the reader gave up. */
  canceled?(outcome: Canceled, signal: AbortSignal): unknown;
  /** Runs when the body's source failed. */
  errored?(outcome: Errored, signal: AbortSignal): unknown;
  /** Runs after the one above, when that has settled. */
  finally?(outcome: Outcome, signal: AbortSignal): unknown;
}

/** One callback, or several: they start in the order of the array, run concurrently, and none stops another. */
export type Callbacks = Callback | CallbackObject | readonly (Callback | CallbackObject)[];

/** Is told of each failure of a callback, once. Where it fails itself, both go to `console.error`. */
export type OnError = (error: unknown, outcome: Outcome) => unknown;

/** The steps of one callback: each starts when the one before it has settled, whether that failed or not. */
export type Steps = readonly Callback[];

/** The words of an outcome, the worst last, and the one that goes with all. */
const KEYS = ["completed", "canceled", "errored", "finally"] as const;

/** Whether a value is meant as callbacks, and not as an `init`: it has a function in it, or is no object. */
export function areCallbacks(value: unknown): value is Callbacks {
  if (typeof value !== "object" || Array.isArray(value)) return value !== undefined;
  const members = value as Record<string, unknown> | null;
  return [...KEYS, ...Object.keys(members ?? {})].some((key) => typeof members?.[key] === "function");
}

/** Whether a value is what `Response.redirect` takes beside the url: nothing, a status, on Bun also an `init`. */
export function isStatus(value: unknown): value is number | undefined {
  return value === undefined || typeof value === "number" || (onBun && !areCallbacks(value));
}

/** Checks what the application gave and makes a list of it, or throws a `TypeError` that says what is wrong. */
export function toSteps(callbacks: Callbacks): Steps[] {
  if (typeof callbacks === "function") return [[callbacks]];
  return ([callbacks].flat() as (Callback | CallbackObject)[]).map((callback) => {
    if (typeof callback === "function") return [callback];
    // A promise has a `finally`: of a callback that was called instead of given.
    const given = isThenable(callback) ? [] : KEYS.filter((key) => callback?.[key] !== undefined);
    if (given.length === 0 || given.some((key) => typeof callback[key] !== "function")) {
      throw expected("callback", `a function, or an object of functions ${KEYS}, or an array of these`, callback);
    }
    return [
      (outcome, signal) => (callback[outcome.type] as Callback | undefined)?.(outcome, signal),
      (outcome, signal) => callback.finally?.(outcome, signal),
    ];
  });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

const running = new Set<(limit: string) => void>();

/** Ends the time of all callbacks that run now; `limit` says by which limit. */
export function abortRunning(limit: string): void {
  for (const abort of running) abort(limit);
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
  // (A Worker's controller belongs to one request.)
  const own = onWorkers || steps.length > 1 || (steps[0] as Callback).length > 1;
  if (!own) spare ??= new AbortController();
  const controller = own ? new AbortController() : (spare as AbortController);
  for (let i = 0; i < steps.length; i++) {
    const result = attempt(steps[i] as Callback, outcome, controller.signal, onError);
    if (!result) continue;
    if (!own) spare = undefined;
    // Only from here on: a callback without a promise costs no timer.
    return waitFor(result, steps.slice(i + 1), controller, outcome, timeout, onError);
  }
  return undefined;
}

// For callbacks that declare no signal, until one of them returns a promise: to make one costs more than all else here.
let spare: AbortController | undefined;

function attempt(
  step: Callback,
  outcome: Outcome,
  signal: AbortSignal,
  onError?: OnError,
): PromiseLike<unknown> | undefined {
  try {
    const result = step(outcome, signal);
    return isThenable(result) ? result : undefined;
  } catch (error) {
    report(error, outcome, onError);
    return undefined;
  }
}

async function waitFor(
  first: PromiseLike<unknown>,
  rest: Steps,
  controller: AbortController,
  outcome: Outcome,
  timeout: number,
  onError?: OnError,
): Promise<void> {
  const { signal } = controller;
  let waiting: Waiting = {};
  const abort = (limit: string) => {
    controller.abort(named("TimeoutError", `A callback took longer than the ${limit}${READ_ON}`));
    giveUp(waiting, signal.reason);
  };
  const timer = startTimeout(() => abort(`timeout of ${timeout} ms`), timeout);
  running.add(abort);
  const wait = async (result: PromiseLike<unknown>) => {
    try {
      // The steps after an overrun are not waited for, or the overrun would be theirs too.
      if (signal.aborted) result.then(undefined, (error) => report(error, outcome, onError));
      else {
        waiting = {};
        await settled(result, waiting);
      }
    } catch (error) {
      report(error, outcome, onError);
    }
  };
  await wait(first);
  for (const step of rest) {
    const result = attempt(step, outcome, signal, onError);
    if (result) await wait(result);
  }
  clearTimeout(timer);
  running.delete(abort);
}

/** Tells of a failure, and of a failure to tell. */
async function report(error: unknown, outcome: Outcome, onError?: OnError): Promise<void> {
  // Not reportError: it ends the process on Bun and Deno (decisions/001).
  const log = (failure: unknown) => {
    try {
      console.error(`response-then: a callback failed${READ_ON}`, failure, outcome);
    } catch {
      // Node's console throws where the error's own inspection does.
    }
  };
  try {
    if (onError) return void (await onError(error, outcome));
  } catch (failure) {
    log(failure);
  }
  log(error);
}
