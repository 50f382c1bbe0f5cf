// Errors for bad arguments. Each says what was expected, what was given, and where to read more.

/** The end of most messages: the package's file that explains them. */
export const READ_ON = "; see response-then/docs/errors.md";

/** The kind of a value, as error messages name it. A number or a string is shown as well, cut to 80 characters. */
export function tagOf(value: unknown): string {
  if (typeof value === "number" || typeof value === "string")
    return `${typeof value} ${value === "" ? '""' : value}`.slice(0, 80);
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Makes the error for a bad argument. `what` is the name of the argument. */
export function expected(what: string, wanted: string, given: unknown, Type: ErrorConstructor = TypeError): Error {
  return new Type(`${what}: expected ${wanted}, got ${tagOf(given)}${READ_ON}`);
}

/** Returns a limit in ms or bytes, or throws a `RangeError` if it is not a number of 0 or more. */
export function toLimit(name: string, limit: number): number {
  if (typeof limit === "number" && limit >= 0) return limit;
  throw expected(name, "a number, 0 or more", limit, RangeError);
}
