/** The kind of a value as error messages name it; a number or a string shows itself. */
export function tagOf(value: unknown): string {
  if (typeof value === "number" || typeof value === "string") return `${typeof value} ${value}`;
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** An error for a bad argument: what it is, what was expected, what came. */
export function expected(what: string, wanted: string, given: unknown, Type: ErrorConstructor = TypeError): Error {
  return new Type(`${what}: expected ${wanted}, got ${tagOf(given)}`);
}
