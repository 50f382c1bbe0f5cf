import type { OnError } from "./callbacks.ts";
import type { DrainLimits } from "./drain-source.ts";
import { expected } from "./expected.ts";
import type { DrainLimit } from "./outcome.ts";
import { toLimit } from "./timeout.ts";
import { toWaitUntil, type WaitUntil, type WaitUntilFunction } from "./wait-until.ts";

/** How the callbacks of a response are run. Every member may be left out. */
export interface ResponseThenOptions {
  /**
   * Keeps the platform alive until the callbacks have settled: a function, or anything with a `waitUntil(promise)`
   * method. Called in the constructor, and once more for each callback that is added after the others have settled.
   */
  waitUntil?: WaitUntil | undefined;
  /** How long each callback may take, in ms; default 30,000. Then its signal aborts, and nobody waits on. */
  timeout?: number | undefined;
  /** Is told of every failure of a callback, once. Default: `console.error`, with the outcome. */
  onError?: OnError | undefined;
  /**
   * What a cancel by the reader does to the body's source: `"cancel"` (default) cancels it; `"drain"` reads it on to its
   * end, within `drainLimit`, and only then runs the callbacks.
   */
  onCancel?: "cancel" | "drain" | undefined;
  /** How much `onCancel: "drain"` may read after the cancel; default 16 MiB and 30,000 ms. */
  drainLimit?: DrainLimit | undefined;
}

/** Options, checked and complete. */
export interface Settings {
  readonly waitUntil: WaitUntilFunction | undefined;
  readonly timeout: number;
  readonly onError: OnError | undefined;
  readonly drainLimits: DrainLimits | undefined;
}

/**
 * @param ambient The platform's own `waitUntil`, used where the options bring none.
 * @throws {TypeError | RangeError} for an option of the wrong type or size.
 */
export function toSettings(options: ResponseThenOptions | null | undefined, ambient?: WaitUntil): Settings {
  if (options === undefined && ambient === undefined) return DEFAULTS;
  if (options !== undefined && typeof options !== "object") throw expected("options", "an object", options);
  const { waitUntil = ambient, timeout = 30_000, onError, onCancel = "cancel", drainLimit } = options ?? {};
  if (onError !== undefined && typeof onError !== "function") throw expected("onError", "a function", onError);
  if (onCancel !== "cancel" && onCancel !== "drain") throw expected("onCancel", '"cancel" or "drain"', onCancel);
  const limits = toDrainLimits(drainLimit);
  return {
    waitUntil: waitUntil === undefined ? undefined : toWaitUntil(waitUntil),
    timeout: toLimit("timeout", timeout),
    onError,
    drainLimits: onCancel === "drain" ? limits : undefined,
  };
}

/** Without any option, as with most responses. */
const DEFAULTS: Settings = { waitUntil: undefined, timeout: 30_000, onError: undefined, drainLimits: undefined };

function toDrainLimits(limit: DrainLimit = {}): DrainLimits {
  if (typeof limit !== "object" || limit === null) throw expected("drainLimit", "an object { bytes, ms }", limit);
  const { bytes = 16_777_216, ms = 30_000 } = limit;
  return { bytes: toLimit("drainLimit.bytes", bytes), ms: toLimit("drainLimit.ms", ms) };
}
