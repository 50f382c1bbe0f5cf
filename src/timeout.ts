import { expected } from "./expected.ts";

/** What `startTimeout` gives and `clearTimeout` takes. */
export type Timer = ReturnType<typeof setTimeout> | undefined;

/** `setTimeout` for limits: what is too long for it, such as `Infinity`, never fires. */
export function startTimeout(run: () => void, ms: number): Timer {
  // A longer delay (2^31 ms, about 25 days) would overflow and fire at once.
  return ms < 2 ** 31 ? setTimeout(run, ms) : undefined;
}

/** Checks a limit in ms or bytes, or throws a `RangeError`. */
export function toLimit(name: string, limit: number): number {
  if (typeof limit === "number" && limit >= 0) return limit;
  throw expected(name, "a number, 0 or more", limit, RangeError);
}
