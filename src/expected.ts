// Errors for bad arguments: all of them say what was expected, what came, and where to read on.

/** The end of a message: the file of the package that explains it. */
export const READ_ON = "; see response-then/docs/errors.md";

/** The kind of a value as error messages name it; a number or a string shows itself, or how it begins. */
export function tagOf(value: unknown): string {
  if (typeof value === "number" || typeof value === "string")
    return `${typeof value} ${value === "" ? '""' : value}`.slice(0, 80);
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** An error for a bad argument: what it is, what was expected, what came, where to read on. */
export function expected(what: string, wanted: string, given: unknown, Type: ErrorConstructor = TypeError): Error {
  return new Type(`${what}: expected ${wanted}, got ${tagOf(given)}${READ_ON}`);
}

/** Checks a limit in ms or bytes, or throws a `RangeError`. */
export function toLimit(name: string, limit: number): number {
  if (typeof limit === "number" && limit >= 0) return limit;
  throw expected(name, "a number, 0 or more", limit, RangeError);
}
