import { byteLengthOf } from "./byte-length.ts";
import type { BodySource } from "./content.ts";
import { type DrainLimits, drainSource } from "./drain-source.ts";
import type { End, Ending } from "./ending.ts";
import { toReason } from "./outcome.ts";

/** A piece of the body, its end, or nothing because the reader left meanwhile. */
export type Next = { done: boolean; value?: unknown } | undefined;

/**
 * A body that tells its ending how it is read. Read it by one hand: by the stream that is made of it, or by an adapter
 * that carries it to the runtime.
 */
export interface WatchedBody {
  /** The next piece of at most 64 KiB, at once where it is there. Rejects with the source's error. */
  next(response?: Response): Next | Promise<Next>;
  /** The reader has all of it. */
  complete(response?: Response): void;
  /** The reader leaves before the end: cancels the source, or reads it on with `onCancel: "drain"`. */
  cancel(reason: unknown, response?: Response): Promise<void> | undefined;
  /** Ends the body otherwise, and cancels the source. */
  release(reason: unknown, end: End, response?: Response): Promise<void> | undefined;
  /** The content once more, for `clone()`; only before the first piece. */
  copy(): BodySource | null;
}

// A chunk counts as handed over when a server takes it, however little of it the client ever gets.
const PIECE = 65_536;

/**
 * The source is neither locked nor read before the first piece is asked for, nor ahead of its reader. It is released
 * exactly once: by being read to its end, by its own error, or by `cancel(reason)`. After the end the ending is told
 * nothing more, and is not referred to: it refers to the response from then on.
 *
 * @param drainLimits With them, a cancel by the reader reads the source on to its end within these limits.
 */
export function watchBody(opened: BodySource, opening: Ending, drainLimits?: DrainLimits): WatchedBody {
  let source: BodySource | undefined = opened;
  let ending: Ending | undefined = opening;
  let rest = opened instanceof Uint8Array && opened.byteLength > 0 ? opened : undefined;
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  let reading: ReturnType<ReadableStreamDefaultReader<unknown>["read"]> | undefined;

  const end = (end: End, response?: Response) => {
    ending?.end(end, response);
    ending = rest = source = undefined;
  };

  const lock = () => {
    if (!reader) {
      reader = (source as ReadableStream<unknown>).getReader();
      // On workerd a source that errors leaves an unhandled rejection behind here.
      reader.closed.catch(() => {});
    }
    return reader;
  };

  const cut = (chunk: unknown): Next => {
    let piece = chunk;
    rest = undefined;
    if (chunk instanceof Uint8Array && chunk.byteLength > PIECE) {
      // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
      piece = new Uint8Array(chunk.subarray(0, PIECE));
      rest = chunk.subarray(PIECE) as Uint8Array<ArrayBuffer>;
    }
    ending?.handed(byteLengthOf(piece));
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
      reader?.releaseLock();
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
      drainSource(lock(), limits, reason, reading).then(
        (drained) => report({ ...how, drained, duration } as End, response),
        fail,
      );
      ending = undefined;
      return undefined;
    }
    const target = reader ?? (source as ReadableStream);
    end(how, response);
    if (fixed) return undefined;
    const released = target.cancel(reason);
    released.catch(fail).then(() => reader?.releaseLock());
    return released;
  };

  return {
    next(response) {
      if (rest) return cut(rest);
      return source instanceof Uint8Array ? { done: true } : read(response);
    },
    complete(response) {
      end({ type: "completed" }, response);
      reader?.releaseLock();
    },
    cancel: (reason, response) =>
      release(reason, { type: "canceled", reason: toReason(reason) }, response, drainLimits),
    release,
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
