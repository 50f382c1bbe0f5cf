// The shapes that callbacks come in, and what they are made of: steps, each of which starts when the one before has settled.
import { expected } from "../expected.ts";
import { onBun } from "../runtime.ts";
import type { Canceled, Completed, Errored, Outcome } from "./outcome.ts";

/** What a callback is given beside the outcome. */
export interface CallbackContext {
  /**
   * Aborts when the callback's `timeout` is over, or when `drain()` runs out of time. It is made when it is first read,
   * and belongs to this callback alone.
   */
  readonly signal: AbortSignal;
}

/**
 * Runs after the response has ended.
 *
 * @param outcome How the response ended.
 * @param context Has the `signal` that says when the time is over.
 * @returns Anything; a promise is waited for.
 */
export type Callback = (outcome: Outcome, context: CallbackContext) => unknown;

/** A callback per outcome. `finally` runs last, whatever the outcome, also when the one before it failed. */
export interface CallbackObject {
  /** Runs when the body was read to its end, or when there was none. */
  completed?(outcome: Completed, context: CallbackContext): unknown;
  /** Runs when the reader gave up. */
  canceled?(outcome: Canceled, context: CallbackContext): unknown;
  /** Runs when the body's source failed. */
  errored?(outcome: Errored, context: CallbackContext): unknown;
  /** Runs after the one above, when that has settled. */
  finally?(outcome: Outcome, context: CallbackContext): unknown;
}

/** One callback, or several: they start in the order of the array, run concurrently, and none stops another. */
export type Callbacks = Callback | CallbackObject | readonly (Callback | CallbackObject)[];

/**
 * Is told of each failure of a callback, once. It is a part of the callback: a promise that it returns is waited for, as
 * long as the callback's `timeout`. Where it fails itself, both go to `console.error`.
 */
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
      (outcome, context) => (callback[outcome.type] as Callback | undefined)?.(outcome, context),
      (outcome, context) => callback.finally?.(outcome, context),
    ];
  });
}

/** Whether it is to be waited for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
