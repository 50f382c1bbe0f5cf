/** The size of a chunk on the wire; 0 for what is neither bytes nor text, which no server can send. */
export function byteLengthOf(chunk: unknown): number {
  if (typeof chunk === "string") return new TextEncoder().encode(chunk).byteLength;
  return (chunk as ArrayBufferView | undefined)?.byteLength ?? 0;
}
