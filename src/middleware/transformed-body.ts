import type { BodySource } from "../exchange/index.ts";
import { lockSource, type SourceReader, Stream, toBytes } from "../exchange/index.ts";

/** A source being read; `read` never fulfils after the body was given up. */
export type Read = SourceReader["read"];

/** What a body becomes, piece by piece; a piece that is `null` or `undefined` is none. */
export interface Pieces {
  next(): Promise<{ done?: boolean | undefined; value?: unknown }>;
  /** The body was given up, or its source failed. */
  abort?(reason: unknown): void;
}

/**
 * The stream of a body that is transformed on its way: pull-based, and never ahead of its reader by more than the
 * transformation itself needs to read. The source is neither locked nor read before the first pull, and released once.
 *
 * @param type `"bytes"` for a source that is a readable byte stream.
 * @param transform Called at the first pull.
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
    // A cancel settles the pending read, and that is not the end of the source.
    return over ? new Promise<never>(() => {}) : result;
  };
  const release = (reason: unknown) => {
    over = true;
    const canceled = (reader ?? (source as ReadableStream)).cancel(reason);
    // At once: a source whose cancel never settles must not stay locked.
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
            // Of a source that is at its end this changes nothing.
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
