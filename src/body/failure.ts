// Why a source has failed: by itself, or because its client left.
import { causedBy, type End, type Observed, toReason } from "../lifecycle/outcome.ts";
import { schedule } from "../runtime.ts";

/**
 * How long a failure waits for the server's cancel where no host can be asked, in ms. A source that was fetched with the
 * request's signal fails before the server cancels (Node, Bun, mostly Deno).
 */
const HOLD = 20;

/** How a response ended whose source failed with `error`. Without `gone` nobody knows whether the client was there. */
export function endOfFailure(error: unknown, gone: (() => unknown) | undefined): End {
  const reason = gone?.();
  if (reason !== undefined) return { type: "canceled", reason: causedBy(reason, error) };
  // Who aborts its own source gave up.
  if (!gone && isAbort(error)) return { type: "canceled", reason: toReason(error) };
  return { type: "errored", error };
}

/** What a source failed with, of which its reader is not told yet. */
export interface Failure {
  readonly error: unknown;
}

/** How a response ended whose reader left; with `limits`, its source would have been read on. */
export function endOfLeaving(reason: unknown, observed: Observed, failure?: Failure, limits?: object): End {
  if (!failure) return { type: "canceled", observed, reason: toReason(reason) };
  const end: End = { type: "canceled", observed, reason: causedBy(reason, failure.error) };
  return limits ? { ...end, consumed: { bytes: 0, whole: false } } : end;
}

/** How a response ended whose reader left with as much as its head says that there is. */
export const WHOLE: End = { type: "completed", observed: "pulled" };

/** Until the server has had the time to cancel. */
export function holdBack(): Promise<void> {
  return new Promise((resolve) => schedule(resolve, HOLD));
}

function isAbort(error: unknown): boolean {
  try {
    return (error as { name?: unknown } | null | undefined)?.name === "AbortError";
  } catch {
    // It throws at every question.
    return false;
  }
}
