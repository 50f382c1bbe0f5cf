import type { Drained, Observed } from "./outcome.ts";

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
