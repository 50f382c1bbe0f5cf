// The shapes in which callbacks are given, and the steps that they are turned into. Each step starts when the one
// before it has settled.
import { expected } from "../expected.ts";
import { onBun } from "../runtime.ts";
import type { Canceled, Completed, Errored, Outcome } from "./outcome.ts";

/** What a callback receives with the outcome. */
export interface CallbackContext {
  /**
   * Aborts when the callback's `timeout` is over, or when `drain()` runs out of time. It is created when it is first
   * read, and belongs to this callback alone.
   */
  readonly signal: AbortSignal;
}

/**
 * Runs after the response has ended.
 *
 * @param outcome How the response ended.
 * @param context Has the `signal` that aborts when the time is over.
 * @returns Anything. A promise is waited for.
 */
export type Callback = (outcome: Outcome, context: CallbackContext) => unknown;

/** One callback per type of outcome. `finally` runs last, whatever the outcome, even if the one before it failed. */
export interface CallbackObject {
  /** Runs when the body was read to its end, or when there was none. */
  completed?(outcome: Completed, context: CallbackContext): unknown;
  /** Runs when the client left, when the server timed out, or when nobody read the response. */
  canceled?(outcome: Canceled, context: CallbackContext): unknown;
  /** Runs when the body's source failed, or when the handler threw. */
  errored?(outcome: Errored, context: CallbackContext): unknown;
  /** Runs when the other one has settled. */
  finally?(outcome: Outcome, context: CallbackContext): unknown;
}

/** One callback, or several. They start in the order of the array and run concurrently, and none stops another. */
export type Callbacks = Callback | CallbackObject | readonly (Callback | CallbackObject)[];

/**
 * Called with each failure of a callback, once. It counts as a part of the callback: a promise that it returns is
 * waited for, up to the callback's `timeout`. If it fails itself, both failures go to `console.error`.
 */
export type OnError = (error: unknown, outcome: Outcome) => unknown;

/** The steps of one callback. Each starts when the one before it has settled, whether or not that failed. */
export type Steps = readonly Callback[];

/** The members of a `CallbackObject`. */
const KEYS = ["completed", "canceled", "errored", "finally"] as const;

/** Whether a value is meant as callbacks. An `init` is `undefined`, `null`, or an object without a function in it. */
export function areCallbacks(value: unknown): value is Callbacks {
  if (typeof value !== "object" || Array.isArray(value)) return value !== undefined;
  const members = value as Record<string, unknown> | null;
  return [...KEYS, ...Object.keys(members ?? {})].some((key) => typeof members?.[key] === "function");
}

/** Whether a value is what `Response.redirect` takes after the url: nothing, a status, or on Bun an `init`. */
export function isStatus(value: unknown): value is number | undefined {
  return value === undefined || typeof value === "number" || (onBun && !areCallbacks(value));
}

/** Checks the application's callbacks and turns each into steps, or throws a `TypeError` that says what is wrong. */
export function toSteps(callbacks: Callbacks): Steps[] {
  if (typeof callbacks === "function") return [[callbacks]];
  return ([callbacks].flat() as (Callback | CallbackObject)[]).map((callback) => {
    if (typeof callback === "function") return [callback];
    // A promise has a `finally` too. It is given if a callback was called instead of passed.
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

/** Whether `value` is a promise or another thenable. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
