import fc from "fast-check";

/** What may be thrown, or given as a reason; each made anew, so that it can be told from all others. */
const makers: Readonly<Record<string, () => unknown>> = {
  "an Error": () => new Error("a failure"),
  "a TypeError": () => new TypeError("a failure of a type"),
  "an AbortError": () => new DOMException("aborted", "AbortError"),
  "a string": () => "a failure",
  "an object": () => ({ failed: true }),
  "a symbol": () => Symbol("a failure"),
  undefined: () => undefined,
  null: () => null,
  "0": () => 0,
};

/** The name of a value; {@linkcode make} makes it. */
export const valueName: fc.Arbitrary<string> = fc.constantFrom(...Object.keys(makers));

export function make(name: string): unknown {
  return makers[name]?.();
}

/** Any text: of all planes, with surrogates that stand alone, up to about 600 bytes. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 150 }),
  fc.string({ unit: "grapheme", maxLength: 50 }),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 20 }).map((units) => String.fromCharCode(...units)),
);

/** `size` bytes that differ from their neighbours, from a place in the pattern on. */
export function patternOf(size: number, from = 0): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = ((from + i) * 167 + ((from + i) >> 8)) & 255;
  return bytes;
}

/** `fc.record` of plain objects, which are told without their prototype. */
export function record<T>(model: { [Key in keyof T]: fc.Arbitrary<T[Key]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}
