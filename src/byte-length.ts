/** The size of a chunk or of a whole content on the wire; 0 for what no server can send. */
export function byteLengthOf(content: unknown): number {
  if (typeof content === "string") return utf8LengthOf(content);
  if (content instanceof URLSearchParams) return String(content).length;
  const { byteLength, size } = (content ?? {}) as { byteLength?: number; size?: number };
  return byteLength ?? size ?? 0;
}

// Counted, not encoded: on Node the buffer of an encoded text costs more than all else that a small response needs.
function utf8LengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7ff) length += 2;
    else if (unit > 0x7f) length++;
    // A pair of surrogates is 4 bytes; one alone is sent as U+FFFD, in 3.
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return length;
}
