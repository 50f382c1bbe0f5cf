import { describe } from "./describe.ts";

// A longer delay (2^31 ms, about 25 days) would overflow and fire at once.
const LONGEST = 2_147_483_647;

/** Checks a number of milliseconds or bytes that an option gives, or throws a `RangeError`. */
export function toLimit(name: string, value: number): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new RangeError(`The option ${name} is ${describe(value)}; expected a number, 0 or more`);
}

/** `setTimeout` for budgets: `Infinity` never fires. Returns what stops the clock. */
export function startTimeout(run: () => void, ms: number): () => void {
  if (ms > LONGEST) return () => {};
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
