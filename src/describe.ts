/** Names a value in an error message: its kind for an object, the value itself for a primitive. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return "a function";
  if (typeof value === "object") return Array.isArray(value) ? "an array" : `an object (${nameOf(value)})`;
  return `${typeof value} ${String(value)}`;
}

function nameOf(value: object): string {
  return (Object.getPrototypeOf(value)?.constructor?.name as string | undefined) ?? "null prototype";
}
