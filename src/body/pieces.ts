// The pieces of a source: bytes of our own, or what a stream gives, at most `PIECE` bytes each.
import { type BodySource, forms } from "./content.ts";
import { lockSource, PIECE, type SourceReader } from "./source-reader.ts";

/** What a body is read from, and whether that is a readable byte stream. */
export type SourceOfKind = readonly [source: BodySource, kind: "bytes" | undefined];

/** What a reader gives. */
export type Piece = Awaited<ReturnType<SourceReader["read"]>>;

/** A source that is not read before the first piece is asked for, and is locked then, or when it is taken over. */
export class Pieces {
  #source: BodySource | undefined;
  #kind: "bytes" | undefined;
  #rest: Uint8Array<ArrayBuffer> | undefined;
  #reader: SourceReader | undefined;
  #reading: ReturnType<SourceReader["read"]> | undefined;

  /** @param kind `"bytes"` for a source that is a readable byte stream. */
  constructor(source: BodySource, kind: "bytes" | undefined) {
    this.#take(source, kind);
  }

  /** Bytes of our own, or the stream that it is read from; `undefined` when it is released. */
  get source(): BodySource | undefined {
    return this.#source;
  }

  /** Its reader, once it is read. */
  get reader(): SourceReader | undefined {
    return this.#reader;
  }

  /** The read that is under way. */
  get reading(): ReturnType<SourceReader["read"]> | undefined {
    return this.#reading;
  }

  /** Another source in its place, before it is read; locked where the first one was. */
  replace(through: (...from: SourceOfKind) => SourceOfKind): void {
    const locked = this.#reader !== undefined;
    this.#reader?.releaseLock();
    this.#reader = undefined;
    this.#take(...through(this.#source as BodySource, this.#kind));
    if (locked) this.takeOver();
  }

  /** Locks a stream before it is read. */
  takeOver(): void {
    if (!this.#source || ArrayBuffer.isView(this.#source)) return;
    try {
      this.lock();
    } catch (error) {
      // Bun opens a file for its first reader, and says once that it is missing. That is an error of the body.
      this.#take(new ReadableStream({ start: (controller) => controller.error(error) }), undefined);
    }
  }

  #take(source: BodySource, kind: "bytes" | undefined): void {
    this.#source = source;
    this.#kind = kind;
    this.#rest = ArrayBuffer.isView(source) && source.byteLength > 0 ? source : undefined;
  }

  /** What is there already: a piece, or the end of bytes of our own. */
  here(): Piece | undefined {
    if (this.#rest) return this.cut(this.#rest);
    return ArrayBuffer.isView(this.#source) ? { done: true } : undefined;
  }

  /** Reads a stream on; throws at once where that is locked by somebody else. */
  read(): ReturnType<SourceReader["read"]> {
    this.#reading = this.lock().read();
    return this.#reading;
  }

  /** The first piece of a chunk; the rest comes next. */
  cut(chunk: unknown): Piece {
    this.#reading = this.#rest = undefined;
    if (!(ArrayBuffer.isView(chunk) && chunk.byteLength > PIECE)) return { done: false, value: chunk };
    const bytes = new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength);
    // It would count as handed over when the server takes it, however little of it the client ever gets.
    // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
    this.#rest = bytes.subarray(PIECE);
    return { done: false, value: bytes.slice(0, PIECE) };
  }

  /** Cancels the source; fulfils when its producer has stopped. `undefined` where there is nothing to stop. */
  cancel(reason: unknown): Promise<unknown> | undefined {
    const source = this.#source;
    if (!source || ArrayBuffer.isView(source) || (!this.#reader && forms.has(source))) return undefined;
    return (this.#reader ?? source).cancel(reason);
  }

  lock(): SourceReader {
    this.#reader ??= lockSource(this.#source as ReadableStream, this.#kind);
    return this.#reader;
  }

  /** Unlocks the source, and refers to it no more. */
  release(): void {
    this.#reader?.releaseLock();
    // On Deno a released reader leads to the stream (5 kB).
    this.#reader = this.#reading = this.#rest = this.#source = undefined;
  }
}
