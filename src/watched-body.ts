import { byteLengthOf } from "./byte-length.ts";
import { type BodySource, forms, teeSource } from "./content.ts";
import { type DrainLimits, drainSource } from "./drain-source.ts";
import type { End } from "./end.ts";
import type { Ending } from "./ending.ts";
import { READ_ON } from "./expected.ts";
import { type Observed, toReason } from "./outcome.ts";
import { lockSource, PIECE, type SourceReader } from "./source-reader.ts";

/** A piece of the body, its end, or nothing because the reader left meanwhile. */
export type Next = { done: boolean; value?: unknown } | undefined;

/**
 * A body that tells its ending how it is read. Read it by one hand: by the stream that is made of it, or by an adapter
 * that carries it to the runtime.
 *
 * The source is neither locked nor read before the first piece is asked for, nor ahead of its reader. It is released
 * exactly once: by being read to its end, by its own error, or by `cancel(reason)`. After the end the ending is told
 * nothing more, and is not referred to: it refers to the response from then on.
 */
export class WatchedBody {
  #type: "bytes" | undefined;
  readonly #drainLimits: DrainLimits | undefined;
  #source: BodySource | undefined;
  #ending: Ending | undefined;
  #rest: Uint8Array<ArrayBuffer> | undefined;
  #begun = false;
  #draining = false;
  #reader: SourceReader | undefined;
  #reading: ReturnType<SourceReader["read"]> | undefined;

  /**
   * @param type `"bytes"` for a source that is a readable byte stream.
   * @param drainLimits With them, a cancel by the reader reads the source on to its end within these limits.
   */
  constructor(source: BodySource, type: "bytes" | undefined, ending: Ending, drainLimits?: DrainLimits) {
    this.#type = type;
    this.#drainLimits = drainLimits;
    this.#source = source;
    this.#ending = ending;
    this.#rest = source instanceof Uint8Array && source.byteLength > 0 ? source : undefined;
  }

  /** Whether somebody has begun to read. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Whether the ending has been told all. */
  get over(): boolean {
    return this.#ending === undefined && !this.#draining;
  }

  /** Bytes of our own, or the stream that it is read from; only before the first piece. */
  get source(): BodySource | undefined {
    return this.#source;
  }

  /** Counts a piece when the reader gets it; `false` when the reader left since it asked for it. */
  handed(piece: unknown): boolean {
    this.#ending?.handed(byteLengthOf(piece));
    return this.#ending !== undefined;
  }

  /** The next piece, at once where it is there. Rejects with the source's error. */
  next(response?: Response): Next | Promise<Next> {
    this.#begun = true;
    // Released before it was read: who reads it all the same must not wait for ever.
    if (!this.#ending) throw new Error(`The body was released unread${READ_ON}`);
    if (this.#rest) return this.#cut(this.#rest);
    return this.#source instanceof Uint8Array ? { done: true } : this.#read(response);
  }

  /** The reader has all of it; `observed` is `"pulled"` unless said. */
  complete(response?: Response, observed: Observed = "pulled"): void {
    this.#end({ type: "completed", observed }, response);
    this.#unlock();
  }

  /** The reader leaves before the end: cancels the source, or reads it on with `onCancel: "drain"`. */
  cancel(reason: unknown, response?: Response, observed: Observed = "pulled"): Promise<void> | undefined {
    return this.#release(reason, { type: "canceled", observed, reason: toReason(reason) }, response, this.#drainLimits);
  }

  /** Ends the body otherwise, and cancels the source. */
  release(reason: unknown, end: End, response?: Response): Promise<void> | undefined {
    return this.#release(reason, end, response);
  }

  /** The content goes out without this body: it tells nothing more. */
  detach(): void {
    this.#ending = this.#rest = this.#source = undefined;
  }

  /** The content once more, for `clone()`; only before the first piece. */
  copy(): BodySource {
    const [kept, copied] = teeSource(this.#source as BodySource);
    this.#source = kept;
    return copied;
  }

  /** The content is what `through` makes of it from now on; only before the first piece. */
  pass(through: (source: BodySource, type: "bytes" | undefined) => ReadableStream): void {
    this.#source = through(this.#source as BodySource, this.#type);
    this.#type = this.#rest = undefined;
  }

  #cut(chunk: unknown): Next {
    this.#rest = undefined;
    if (!(chunk instanceof Uint8Array && chunk.byteLength > PIECE)) return { done: false, value: chunk };
    // It would count as handed over when the server takes it, however little of it the client ever gets.
    // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
    this.#rest = chunk.subarray(PIECE) as Uint8Array<ArrayBuffer>;
    return { done: false, value: new Uint8Array(chunk.subarray(0, PIECE)) };
  }

  #read(response?: Response): Promise<Next> {
    const failed = (error: unknown) => {
      if (!this.#ending) return undefined;
      this.#end({ type: "errored", error }, response);
      this.#unlock();
      throw error;
    };
    try {
      this.#reading = this.#lock().read();
    } catch (error) {
      return Promise.reject(error).catch(failed);
    }
    // Not awaited: a suspended function holds twice as much. (In edge-runtime the promise may be of another realm.)
    return Promise.resolve(this.#reading).then((result) => {
      // A cancel settles the pending read, as done or as failed: neither is what became of the source.
      if (!this.#ending) return undefined;
      this.#reading = undefined;
      return result.done ? result : this.#cut(result.value);
    }, failed);
  }

  #release(reason: unknown, how: End, response?: Response, limits?: DrainLimits): Promise<void> | undefined {
    const ending = this.#ending;
    if (!ending) return undefined;
    const fail = (error: unknown) => ending.end({ type: "errored", error }, response);
    const fixed = this.#source instanceof Uint8Array;
    if (limits && !fixed) {
      // The response ended when its reader left, whatever the source still gives.
      const duration = ending.elapsed();
      // Async for its errors: the source may be locked by somebody else by now.
      const drain = async () => drainSource(this.#lock(), limits, reason, this.#reading);
      drain()
        .then((drained) => ending.end({ ...how, drained, duration } as End, response), fail)
        .then(() => {
          this.#draining = false;
          this.#unlock();
        });
      this.#draining = true;
      this.#ending = undefined;
      return undefined;
    }
    const target = this.#reader ?? (this.#source as ReadableStream);
    this.#end(how, response);
    const released = fixed || (!this.#begun && forms.has(target)) ? undefined : target.cancel(reason);
    released?.catch(fail).then(() => this.#unlock());
    return released;
  }

  #end(end: End, response?: Response): void {
    this.#ending?.end(end, response);
    this.detach();
  }

  #lock(): SourceReader {
    this.#reader ??= lockSource(this.#source as ReadableStream, this.#type);
    return this.#reader;
  }

  #unlock(): void {
    this.#reader?.releaseLock();
    // The registry of abandoned responses holds this object, and on Deno a released reader leads to the stream (5 kB).
    this.#reader = this.#reading = undefined;
  }
}
