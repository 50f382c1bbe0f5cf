// Reading a source by the reader that is fast on the runtime, and how much of it is a piece.
import { onWorkers } from "../runtime.ts";

/** A reader of a source, whatever its kind. */
export interface SourceReader {
  read(): Promise<{ done: boolean; value?: unknown }>;
  cancel(reason: unknown): Promise<void>;
  releaseLock(): void;
}

/** The most that is read or handed over at once, in bytes. On workerd a native body costs by the read. */
export const PIECE: number = onWorkers ? 262_144 : 65_536;

/** @param type `"bytes"` for a source that is a readable byte stream. */
export function lockSource(source: ReadableStream, type: "bytes" | undefined): SourceReader {
  // A default reader gets a native body of workerd in chunks of 4 KB, at many times the cost; elsewhere it is the fast
  // one (on Node 3 to 18 times).
  if (!onWorkers) return source.getReader();
  const byob = type && source.getReader({ mode: "byob" });
  const reader = byob ?? source.getReader();
  // On workerd a source that errors leaves an unhandled rejection behind here.
  reader.closed.catch(() => {});
  return {
    read: () => (byob ? byob.read(new Uint8Array(PIECE)) : (reader as ReadableStreamDefaultReader).read()),
    cancel: (reason) => reader.cancel(reason),
    releaseLock: () => reader.releaseLock(),
  };
}
