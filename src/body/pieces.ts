// Reads a source piece by piece: our own bytes or the chunks of a stream, cut to at most `PIECE` bytes.
import { Stream } from "../runtime.ts";
import { type BodySource, forms } from "./content.ts";
import { lockSource, PIECE, type SourceReader } from "./source-reader.ts";

/** A source, and `"bytes"` if it is a readable byte stream. */
export type SourceOfKind = readonly [source: BodySource, kind: "bytes" | undefined];

/** The result of one read. */
export type Piece = Awaited<ReturnType<SourceReader["read"]>>;

/** A source that is read on demand. A stream is locked at its first read, or before that by `takeOver()`. */
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

  /** Our own bytes, or the stream that is read; `undefined` after `release()`. */
  get source(): BodySource | undefined {
    return this.#source;
  }

  /** The reader of the stream, once it is locked. */
  get reader(): SourceReader | undefined {
    return this.#reader;
  }

  /** The pending read. */
  get reading(): ReturnType<SourceReader["read"]> | undefined {
    return this.#reading;
  }

  /** Replaces the source before it is read. The new source is locked if the old one was. */
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
      // Bun opens a file for its first reader, and reports only once that it is missing. The body must fail with that
      // error.
      this.#take(new Stream({ start: (controller) => controller.error(error) }), undefined);
    }
  }

  #take(source: BodySource, kind: "bytes" | undefined): void {
    this.#source = source;
    this.#kind = kind;
    this.#rest = ArrayBuffer.isView(source) && source.byteLength > 0 ? source : undefined;
  }

  /** What needs no read: the next piece of the bytes at hand, or the end of our own bytes. */
  here(): Piece | undefined {
    if (this.#rest) return this.cut(this.#rest);
    return ArrayBuffer.isView(this.#source) ? { done: true } : undefined;
  }

  /** Reads the next chunk of a stream. Throws synchronously if somebody else has locked it. */
  read(): ReturnType<SourceReader["read"]> {
    this.#reading = this.lock().read();
    return this.#reading;
  }

  /** Returns the first piece of a chunk, and keeps the rest for `here()`. */
  cut(chunk: unknown): Piece {
    this.#reading = this.#rest = undefined;
    if (!(ArrayBuffer.isView(chunk) && chunk.byteLength > PIECE)) return { done: false, value: chunk };
    const bytes = new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength);
    // An uncut chunk counts as handed over when the server takes it, however little the client gets. The piece is a
    // copy: a reader that transfers its buffer must not take the rest with it.
    this.#rest = bytes.subarray(PIECE);
    return { done: false, value: bytes.slice(0, PIECE) };
  }

  /** Cancels the source, and fulfils when its producer has stopped. Returns `undefined` if there is nothing to stop. */
  cancel(reason: unknown): Promise<unknown> | undefined {
    const source = this.#source;
    if (!source || ArrayBuffer.isView(source) || (!this.#reader && forms.has(source))) return undefined;
    return (this.#reader ?? source).cancel(reason);
  }

  lock(): SourceReader {
    this.#reader ??= lockSource(this.#source as ReadableStream, this.#kind);
    return this.#reader;
  }

  /** Unlocks the source, and drops all references to it. */
  release(): void {
    this.#reader?.releaseLock();
    // On Deno a released reader still refers to its stream (5 kB).
    this.#reader = this.#reading = this.#rest = this.#source = undefined;
  }
}
