// Decides how a response ended if its source failed or its reader left: errored, canceled, or completed.
import { causedBy, type End, type Observed, toReason } from "../lifecycle/outcome.ts";
import { schedule } from "../runtime.ts";

/**
 * How long a failure waits for the server's cancel if no host can say whether the client left, in ms. A source that was
 * fetched with the request's signal fails before the server cancels (Node, Bun; Deno mostly).
 */
const HOLD = 20;

/** The end of a response whose source failed with `error`. Without `gone` nobody knows whether the client had left. */
export function endOfFailure(error: unknown, gone: (() => unknown) | undefined): End {
  const reason = gone?.();
  if (reason !== undefined) return { type: "canceled", reason: causedBy(reason, error) };
  // A source that was aborted was given up, and did not fail.
  if (!gone && isAbort(error)) return { type: "canceled", reason: toReason(error) };
  return { type: "errored", error };
}

/** The error of a source, before its reader is told. */
export interface Failure {
  readonly error: unknown;
}

/**
 * The end of a response whose reader left.
 *
 * @param failure The error, if the source had failed before.
 * @param limits Given if the source was to be consumed after the reader left.
 */
export function endOfLeaving(reason: unknown, observed: Observed, failure?: Failure, limits?: object): End {
  if (!failure) return { type: "canceled", observed, reason: toReason(reason) };
  const end: End = { type: "canceled", observed, reason: causedBy(reason, failure.error) };
  return limits ? { ...end, consumed: { bytes: 0, whole: false } } : end;
}

/** The end of a response whose reader left after it had as many bytes as `content-length` declares. */
export const WHOLE: End = { type: "completed", observed: "pulled" };

/** Fulfils when the server has had the time to cancel. */
export function holdBack(): Promise<void> {
  return new Promise((resolve) => schedule(resolve, HOLD));
}

function isAbort(error: unknown): boolean {
  try {
    return (error as { name?: unknown } | null | undefined)?.name === "AbortError";
  } catch {
    // Reading the name threw, for instance from a Proxy.
    return false;
  }
}
