// The options of a response, which say how its callbacks are run, and the checks of these options.
import { expected, toLimit } from "../expected.ts";
import { isThenable, type OnError } from "./callbacks.ts";
import type { ConsumeLimit } from "./outcome.ts";

/** A platform's `waitUntil`, as a function or a bound method. It keeps the platform alive until the promise settles. */
export type WaitUntilFunction = (promise: Promise<unknown>) => unknown;

/** An object with a `waitUntil` method: an `ExecutionContext`, a `FetchEvent`, an srvx request. */
export interface WaitUntilObject {
  /** Called as a method, on this object. */
  waitUntil(promise: Promise<unknown>): unknown;
}

/** The two shapes in which platforms offer `waitUntil`. */
export type WaitUntil = WaitUntilFunction | WaitUntilObject;

/**
 * Makes a function of either shape, or throws a `TypeError`. A method is called on its own object. If it returns a
 * promise that rejects, the rejection is ignored.
 */
export function toWaitUntil(waitUntil: WaitUntil): WaitUntilFunction {
  const isFunction = typeof waitUntil === "function";
  if (!isFunction && typeof waitUntil?.waitUntil !== "function")
    throw expected("waitUntil", "a function, or an object with the method waitUntil", waitUntil);
  return (promise) => {
    const returned = isFunction ? waitUntil(promise) : waitUntil.waitUntil(promise);
    if (isThenable(returned)) Promise.resolve(returned).then(undefined, () => {});
  };
}

/** How the callbacks of a response are run. Every member is optional. */
export interface ResponseThenOptions {
  /**
   * Keeps the platform alive until the callbacks have settled: a function, or an object with a `waitUntil(promise)`
   * method. It is called in the constructor, once more at the end of a response that took longer than 10 s, and for
   * each callback that is added after the others have settled.
   */
  waitUntil?: WaitUntil | undefined;
  /** How long each callback may take, in ms; default 30,000. Then its signal aborts, and nothing waits for it. */
  timeout?: number | undefined;
  /** Called with each failure of a callback, once. Default: `console.error`, with the outcome. */
  onError?: OnError | undefined;
  /**
   * What happens to the body's source when the reader cancels: `"cancel"` (default) cancels it; `"consume"` reads it to
   * its end, within `consumeLimit`, and only then runs the callbacks.
   */
  onCancel?: "cancel" | "consume" | undefined;
  /** How much `onCancel: "consume"` may read after the cancel; default 16 MiB and 30,000 ms. */
  consumeLimit?: ConsumeLimit | undefined;
  /**
   * How many bytes of the body to keep in memory for `outcome.captured`; default none. What `onCancel: "consume"` reads
   * is not kept. As an option of a middleware it has no effect: nothing is kept of plain responses.
   */
  capture?: number | undefined;
}

/** A {@linkcode ConsumeLimit} with its defaults filled in. */
export type ConsumeLimits = Required<ConsumeLimit>;

/** Checked options with their defaults filled in. */
export interface Settings {
  readonly waitUntil: WaitUntilFunction | undefined;
  /** Whether `waitUntil` comes from the options. */
  readonly chosen: boolean;
  readonly timeout: number;
  readonly onError: OnError | undefined;
  readonly consumeLimits: ConsumeLimits | undefined;
  /** In bytes; `undefined` if nothing is kept. */
  readonly capture: number | undefined;
}

/**
 * Checks options and fills in their defaults.
 *
 * @param ambient The platform's own `waitUntil`, used if the options have none.
 * @throws {TypeError | RangeError} for an option of the wrong type or size.
 */
export function toSettings(options: ResponseThenOptions | null | undefined, ambient?: WaitUntil): Settings {
  if (options === undefined && ambient === undefined) return DEFAULTS;
  if (options !== undefined && typeof options !== "object") throw expected("options", "an object", options);
  const { waitUntil = ambient, timeout = 30_000, onError, onCancel = "cancel", consumeLimit, capture } = options ?? {};
  if (onError !== undefined && typeof onError !== "function") throw expected("onError", "a function", onError);
  if (onCancel !== "cancel" && onCancel !== "consume") throw expected("onCancel", '"cancel" or "consume"', onCancel);
  const limits = toConsumeLimits(consumeLimit);
  return {
    waitUntil: waitUntil === undefined ? undefined : toWaitUntil(waitUntil),
    chosen: options?.waitUntil !== undefined,
    timeout: toLimit("timeout", timeout),
    onError,
    consumeLimits: onCancel === "consume" ? limits : undefined,
    capture: capture === undefined ? undefined : toLimit("capture", capture),
  };
}

/** The settings without any option, as most responses have them. */
const DEFAULTS: Settings = {
  waitUntil: undefined,
  chosen: false,
  timeout: 30_000,
  onError: undefined,
  consumeLimits: undefined,
  capture: undefined,
};

function toConsumeLimits(limit: ConsumeLimit = {}): ConsumeLimits {
  if (typeof limit !== "object" || limit === null) throw expected("consumeLimit", "an object { bytes, ms }", limit);
  const { bytes = 16_777_216, ms = 30_000 } = limit;
  return { bytes: toLimit("consumeLimit.bytes", bytes), ms: toLimit("consumeLimit.ms", ms) };
}
