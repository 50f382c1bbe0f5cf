import { byteLengthOf } from "./byte-length.ts";
import type { BodySource } from "./content.ts";
import { type DrainLimits, drainSource } from "./drain-source.ts";
import type { End, Ending } from "./ending.ts";
import { type Observed, toReason } from "./outcome.ts";
import { lockSource, PIECE, type SourceReader } from "./source-reader.ts";

/** A piece of the body, its end, or nothing because the reader left meanwhile. */
export type Next = { done: boolean; value?: unknown } | undefined;

/**
 * A body that tells its ending how it is read. Read it by one hand: by the stream that is made of it, or by an adapter
 * that carries it to the runtime.
 */
export interface WatchedBody {
  /** The next piece, at once where it is there. Rejects with the source's error. */
  next(response?: Response): Next | Promise<Next>;
  /** Counts a piece when the reader gets it; `false` when the reader left since it asked for it. */
  handed(piece: unknown): boolean;
  /** Whether somebody has begun to read. */
  begun(): boolean;
  /** The reader has all of it; `observed` is `"pulled"` unless said. */
  complete(response?: Response, observed?: Observed): void;
  /** The reader leaves before the end: cancels the source, or reads it on with `onCancel: "drain"`. */
  cancel(reason: unknown, response?: Response): Promise<void> | undefined;
  /** Ends the body otherwise, and cancels the source. */
  release(reason: unknown, end: End, response?: Response): Promise<void> | undefined;
  /** The content, if it is bytes of our own; only before the first piece. */
  fixed(): Uint8Array<ArrayBuffer> | undefined;
  /** The content once more, for `clone()`; only before the first piece. */
  copy(): BodySource | null;
}

/**
 * The source is neither locked nor read before the first piece is asked for, nor ahead of its reader. It is released
 * exactly once: by being read to its end, by its own error, or by `cancel(reason)`. After the end the ending is told
 * nothing more, and is not referred to: it refers to the response from then on.
 *
 * @param type `"bytes"` for a source that is a readable byte stream.
 * @param drainLimits With them, a cancel by the reader reads the source on to its end within these limits.
 */
export function watchBody(
  opened: BodySource,
  type: "bytes" | undefined,
  opening: Ending,
  drainLimits?: DrainLimits,
): WatchedBody {
  let source: BodySource | undefined = opened;
  let ending: Ending | undefined = opening;
  let rest = opened instanceof Uint8Array && opened.byteLength > 0 ? opened : undefined;
  let begun = false;
  let reader: SourceReader | undefined;
  let reading: ReturnType<SourceReader["read"]> | undefined;

  const end = (end: End, response?: Response) => {
    ending?.end(end, response);
    ending = rest = source = undefined;
  };

  const lock = () => {
    reader ??= lockSource(source as ReadableStream, type);
    return reader;
  };

  const unlock = () => {
    reader?.releaseLock();
    // The registry that notices abandoned responses holds what is seen from here, and on Deno a released reader still
    // leads to the stream: 5 kB a response were never freed.
    reader = reading = undefined;
  };

  const cut = (chunk: unknown): Next => {
    let piece = chunk;
    rest = undefined;
    if (chunk instanceof Uint8Array && chunk.byteLength > PIECE) {
      // It would count as handed over when the server takes it, however little of it the client ever gets.
      // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
      piece = new Uint8Array(chunk.subarray(0, PIECE));
      rest = chunk.subarray(PIECE) as Uint8Array<ArrayBuffer>;
    }
    return { done: false, value: piece };
  };

  const read = async (response?: Response): Promise<Next> => {
    try {
      reading = lock().read();
      const result = await reading;
      // A cancel settles the pending read, as done or as failed: neither is what became of the source.
      if (!ending) return undefined;
      reading = undefined;
      return result.done ? result : cut(result.value);
    } catch (error) {
      if (!ending) return undefined;
      end({ type: "errored", error }, response);
      unlock();
      throw error;
    }
  };

  const release = (reason: unknown, how: End, response?: Response, limits?: DrainLimits) => {
    if (!ending) return undefined;
    const { elapsed, end: report } = ending;
    const fail = (error: unknown) => report({ type: "errored", error }, response);
    const fixed = source instanceof Uint8Array;
    if (limits && !fixed) {
      // The response ended when its reader left, whatever the source still gives.
      const duration = elapsed();
      // Async for its errors: the source may be locked by somebody else by now.
      const drain = async () => drainSource(lock(), limits, reason, reading);
      drain()
        .then((drained) => report({ ...how, drained, duration } as End, response), fail)
        .then(unlock);
      ending = undefined;
      return undefined;
    }
    const target = reader ?? (source as ReadableStream);
    end(how, response);
    if (fixed) return undefined;
    const released = target.cancel(reason);
    released.catch(fail).then(unlock);
    return released;
  };

  return {
    handed(piece) {
      ending?.handed(byteLengthOf(piece));
      return ending !== undefined;
    },
    begun: () => begun,
    next(response) {
      begun = true;
      // Released before it was read: who reads it all the same must not wait for ever.
      if (!ending) throw new Error("The body was released unread; see the outcome of its response");
      if (rest) return cut(rest);
      return source instanceof Uint8Array ? { done: true } : read(response);
    },
    complete(response, observed = "pulled") {
      end({ type: "completed", observed }, response);
      unlock();
    },
    cancel: (reason, response) =>
      release(reason, { type: "canceled", reason: toReason(reason) }, response, drainLimits),
    release,
    fixed: () => (source instanceof Uint8Array ? source : undefined),
    copy() {
      if (source instanceof Uint8Array) return source.slice();
      // The platform's own tee for responses keeps byte streams what they are, and copies chunks where it must.
      const kept = new Response(source);
      const copied = kept.clone();
      source = kept.body as ReadableStream;
      return copied.body;
    },
  };
}
