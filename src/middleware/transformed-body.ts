// Makes the stream of a body that is transformed on its way, and releases the source of that body.
import type { BodySource } from "../exchange/index.ts";
import { lockSource, type SourceReader, Stream, toBytes } from "../exchange/index.ts";

/** Reads the source. The promise never fulfils after the body was given up. */
export type Read = SourceReader["read"];

/** What a body becomes, piece by piece. A piece that is `null` or `undefined` is skipped. */
export interface Pieces {
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  /** Called if the reader left, or if the source or the transformation failed. */
  abort?(reason: unknown): void;
}

/**
 * Makes the stream of a transformed body. It is pull-based, and reads ahead of its reader only as far as the
 * transformation itself needs. The source is neither locked nor read before the first pull, and is released once.
 */
export function transformedBody(
  source: BodySource,
  type: "bytes" | undefined,
  transform: (read: Read) => Pieces,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let reader = ArrayBuffer.isView(source) ? readerOf(source) : undefined;
  let pieces: Pieces | undefined;
  let over = false;
  const read = async () => {
    reader ??= lockSource(source as ReadableStream, type);
    const result = await reader.read();
    // A cancel settles the pending read, but that is not the end of the source.
    return over ? new Promise<never>(() => {}) : result;
  };
  const release = (reason: unknown) => {
    over = true;
    const canceled = (reader ?? (source as ReadableStream)).cancel(reason);
    // Released at once, because a source whose cancel never settles must not stay locked.
    reader?.releaseLock();
    return canceled;
  };
  const fail = (reason: unknown) => {
    release(reason).catch(() => {});
    pieces?.abort?.(reason);
  };
  type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  const underlying = {
    __proto__: null,
    type: undefined,
    autoAllocateChunkSize: undefined,
    start: undefined,
    async pull(controller: Controller) {
      try {
        pieces ??= transform(read);
        for (;;) {
          const { done, value } = await pieces.next();
          if (over) return;
          if (done) {
            // This changes nothing if the source is at its end.
            release(new Error("The transformation ended the body before its source")).catch(() => {});
            return controller.close();
          }
          const bytes = toBytes("what the transformation gave", value ?? "");
          if (bytes.byteLength > 0) return controller.enqueue(bytes);
        }
      } catch (error) {
        if (over) return;
        fail(error);
        controller.error(error);
      }
    },
    cancel(reason: unknown) {
      const released = release(reason);
      pieces?.abort?.(reason);
      return released;
    },
  };
  const strategy = { __proto__: null, highWaterMark: 0, size: undefined };
  return new Stream(underlying as object as UnderlyingDefaultSource, strategy as object as QueuingStrategy);
}

function readerOf(bytes: Uint8Array<ArrayBuffer>): SourceReader {
  let rest: Uint8Array<ArrayBuffer> | undefined = bytes.byteLength > 0 ? bytes : undefined;
  return {
    async read() {
      const value = rest;
      rest = undefined;
      return value ? { done: false, value } : { done: true };
    },
    cancel: async () => {},
    releaseLock() {},
  };
}
