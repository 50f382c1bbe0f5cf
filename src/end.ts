import type { Drained, Observed, Outcome, OutcomeFacts, Phase } from "./outcome.ts";

/**
 * How a response ended, as the one who saw it says it: `observed` is `"pulled"` unless said, and the `duration` lasts
 * until now unless said.
 */
export type End = { observed?: Observed; duration?: number } & (
  | { type: "completed" }
  | { type: "canceled"; reason: Error; drained?: Drained }
  | { type: "errored"; error: unknown }
);

/** The end of a response that has no body to be read. */
export const HANDED_OVER: End = { type: "completed", observed: "handed-over" };

type AnyOutcome = OutcomeFacts & {
  type: Outcome["type"];
  phase?: Phase;
  error?: unknown;
  reason?: Error;
  drained?: Drained;
};

/** The outcome of an end; it is made of `facts`, which it changes: one object less for each response. */
export function toOutcome(end: End, facts: OutcomeFacts): Outcome {
  const outcome = facts as AnyOutcome;
  outcome.type = end.type;
  if (end.type !== "completed") outcome.phase = facts.bytes > 0 ? "mid-body" : "before-body";
  if (end.type === "errored") outcome.error = end.error;
  else if (end.type === "canceled") {
    outcome.reason = end.reason;
    if (end.drained) outcome.drained = end.drained;
  }
  return outcome as Outcome;
}
