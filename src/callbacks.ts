import type { Budget } from "./budget.ts";
import { describe } from "./describe.ts";
import type { Canceled, Completed, Errored, Outcome } from "./outcome.ts";

/**
 * Runs after the response has ended.
 *
 * @param outcome How the response ended.
 * @param signal Aborts when the callbacks' budget (`timeout`) is over, or when `drain()` runs out of time.
 * @returns Anything; a promise is waited for.
 */
export type Callback = (outcome: Outcome, signal: AbortSignal) => unknown;

/** A callback per outcome. `finally` runs last, whatever the outcome, also when the one before it failed. */
export interface CallbackObject {
  completed?(outcome: Completed, signal: AbortSignal): unknown;
  canceled?(outcome: Canceled, signal: AbortSignal): unknown;
  errored?(outcome: Errored, signal: AbortSignal): unknown;
  finally?(outcome: Outcome, signal: AbortSignal): unknown;
}

/** One callback, or several: they start in the order of the array, run concurrently, and none stops another. */
export type Callbacks = Callback | CallbackObject | readonly (Callback | CallbackObject)[];

/** What is told of a failing callback. */
export type OnError = (error: unknown, outcome: Outcome) => unknown;

/** The steps of one callback: each starts when the one before it has settled, whether that failed or not. */
export type Steps = readonly Callback[];

const KEYS = ["completed", "canceled", "errored", "finally"] as const;
const EXPECTED =
  "expected a function (outcome, signal) => …, an object with completed, canceled, errored or finally, or an array of these";

/** Checks what the application gave and makes a list of it, or throws a `TypeError` that says what is wrong. */
export function toSteps(callbacks: Callbacks): Steps[] {
  return Array.isArray(callbacks) ? callbacks.map(stepsOf) : [stepsOf(callbacks as Callback | CallbackObject)];
}

/** Whether a value is meant as callbacks, however wrong; what has no function in it is an `init`. */
export function isCallbacks(value: unknown): value is Callbacks {
  if (typeof value !== "object" || value === null) return value !== undefined && value !== null;
  if (Array.isArray(value)) return true;
  return KEYS.some((key) => key in value) || Object.values(value).some((each) => typeof each === "function");
}

function stepsOf(callback: Callback | CallbackObject): Steps {
  if (typeof callback === "function") return [callback];
  if (typeof callback !== "object" || callback === null || Array.isArray(callback)) {
    throw new TypeError(`The callback is ${describe(callback)}; ${EXPECTED}`);
  }
  const known = KEYS.filter((key) => callback[key] !== undefined);
  const odd = known.find((key) => typeof callback[key] !== "function");
  if (odd !== undefined) {
    throw new TypeError(`The callback's "${odd}" is ${describe(callback[odd])}; expected a function`);
  }
  if (known.length === 0) {
    const keys = Object.keys(callback).join(", ");
    throw new TypeError(`The callback is an object with ${keys ? `only ${keys}` : "no keys"}; ${EXPECTED}`);
  }
  return [
    (outcome, signal) => (callback[outcome.type] as Callback | undefined)?.call(callback, outcome, signal),
    (outcome, signal) => callback.finally?.(outcome, signal),
  ];
}

/**
 * Runs the steps of one callback, each isolated: a throw, a rejection or an overrun of the budget is reported once.
 * The first step starts before this function returns.
 *
 * @returns Fulfils when the last step has settled or the budget is over; never rejects.
 */
export async function runSteps(steps: Steps, outcome: Outcome, budget: Budget, onError?: OnError): Promise<void> {
  for (const step of steps) {
    try {
      const result = step(outcome, budget.signal);
      if (isThenable(result)) await Promise.race([result, budget.overrun()]);
    } catch (error) {
      report(error, outcome, onError);
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

function report(error: unknown, outcome: Outcome, onError?: OnError): void {
  if (onError === undefined) {
    log(error, outcome);
    return;
  }
  const lost = (failure: unknown) => {
    log(error, outcome);
    log(failure, outcome);
  };
  try {
    const result = onError(error, outcome);
    if (isThenable(result)) result.then(undefined, lost);
  } catch (failure) {
    lost(failure);
  }
}

function log(error: unknown, outcome: Outcome): void {
  // Not reportError: it ends the process on Bun and Deno (decisions/001).
  const { type, bytes, response } = outcome;
  console.error(
    `response-then: a callback failed after a ${type} response (${response.status}, ${bytes} bytes):`,
    error,
  );
}
