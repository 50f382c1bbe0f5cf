// Implements the option `capture`: keeps the first bytes of a body as they are handed over.
import type { Captured } from "./outcome.ts";

/** The bytes that are kept of one body. */
export class Capture {
  readonly #limit: number;
  #room: number;
  readonly #pieces: Uint8Array[] = [];

  /** @param limit How many bytes are kept at most. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#room = Math.trunc(limit);
  }

  /** The same, with nothing kept. */
  again(): Capture {
    return new Capture(this.#limit);
  }

  /** Copies a piece, as far as there is room. It is called before the piece is given away, which may detach it. */
  keep(piece: unknown): void {
    if (this.#room === 0) return;
    const kept = bytesOf(piece).slice(0, this.#room);
    this.#room -= kept.byteLength;
    this.#pieces.push(kept);
  }

  /** @param handed How many bytes were handed over. */
  atEnd(handed: number): Captured {
    const bytes = new Uint8Array(this.#pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return { bytes, whole: bytes.byteLength >= handed };
  }
}

/** The bytes of a piece; none for what no server can send. */
function bytesOf(piece: unknown): Uint8Array {
  if (typeof piece === "string") return new TextEncoder().encode(piece);
  // A view of a detached buffer has a length of 0, and another view of it throws.
  if (ArrayBuffer.isView(piece) && piece.byteLength > 0)
    return new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  return piece instanceof ArrayBuffer ? new Uint8Array(piece) : new Uint8Array();
}
