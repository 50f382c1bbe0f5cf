// Implements `ResponseThen.stream()`: a body that a function writes, at the pace of its reader.
import { expected, READ_ON } from "../expected.ts";
import { toReason } from "../lifecycle/outcome.ts";
import { Stream } from "../runtime.ts";
import { copyOf, encode } from "./content.ts";

/** Writes the body of `ResponseThen.stream()`, piece by piece. */
export interface BodyWriter {
  /**
   * Writes a piece of the body, and fulfils when the reader asks for more. Await it, so that you make nothing that
   * nobody wants. Pieces that are written without waiting are kept in their order.
   *
   * Text is encoded as UTF-8, each piece by itself. Bytes are copied, so you can use their buffer again at once. An
   * empty piece writes nothing.
   *
   * Rejects when nothing can be written any more: with the reason of the `signal` if the reader has left, and with an
   * `Error` after the end of the body. If you ignore the promise, its rejection is not reported.
   *
   * @throws {TypeError} at once, for a piece that is neither text nor bytes.
   */
  write(piece: string | ArrayBuffer | ArrayBufferView): Promise<void>;

  /** Ends the body before the function returns. A second call, or a call after the end, does nothing. */
  close(): void;
}

/**
 * A function that writes a body. The body ends when the function returns, or when the promise that it returns fulfils.
 * A throw or a rejection is the error of the body. An error that is thrown after the reader has left changes nothing.
 * An error that is thrown after `writer.close()` goes to `console.error`. If the reader leaves, the callbacks wait
 * until the function has returned and its promise has settled, for up to 5 s.
 *
 * @param signal Aborts when the reader leaves. Its reason is always an `Error`, as is the `reason` of the outcome.
 */
export type WriteBody = (writer: BodyWriter, signal: AbortSignal) => unknown;

/**
 * Makes a body that a function writes. The function is called once, at the first pull, in the async context in which
 * the body was made. If the body is never read, the function is never called.
 *
 * @throws {TypeError} if `write` is no function.
 */
export function writtenBody(write: WriteBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (typeof write !== "function") throw expected("write", "a function", write);
  const abort = new AbortController();
  const { signal } = abort;
  let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Why nothing can be written any more; `undefined` while the body is open. */
  let over: Error | undefined;
  /** Fulfils when the reader asks for more than was written; rejects when nothing can be written any more. */
  let wanted: Promise<void> | undefined;
  let want: (() => void) | undefined;
  let refuse: ((why: Error) => void) | undefined;
  let begin!: () => void;
  const writer: BodyWriter = {
    write(piece) {
      const bytes = toBytes("piece", piece);
      if (over) return quiet(Promise.reject(over));
      if (bytes.byteLength === 0) return wanted ?? Promise.resolve();
      wanted ??= quiet(
        new Promise((resolve, reject) => {
          want = resolve;
          refuse = reject;
        }),
      );
      const waited = wanted;
      // If a second read is pending, this calls `pull` synchronously.
      controller.enqueue(bytes);
      return waited;
    },
    close() {
      if (over) return;
      over = new Error(ENDED);
      controller.close();
      // No pull follows `close()`, so the waiting write fulfils here.
      want?.();
    },
  };
  let begun = false;
  const returned = new Promise<void>((resolve) => {
    begin = resolve;
  })
    .then(() => write(writer, signal))
    .then(writer.close, (error) => {
      if (signal.aborted) return;
      if (over) return console.error(`response-then: a body failed after its end${READ_ON}`, error);
      over = new Error(ENDED);
      controller.error(error);
      refuse?.(over);
    });
  const source = {
    __proto__: null,
    type: undefined,
    autoAllocateChunkSize: undefined,
    start(given: typeof controller) {
      controller = given;
    },
    pull() {
      begun = true;
      begin();
      want?.();
      wanted = undefined;
    },
    cancel(reason: unknown) {
      over = toReason(reason);
      refuse?.(over);
      abort.abort(over);
      return begun ? returned : undefined;
    },
  };
  const strategy = { __proto__: null, highWaterMark: 0, size: undefined };
  return new Stream(source as object as UnderlyingDefaultSource, strategy as object as QueuingStrategy);
}

const ENDED = `The body has ended: it is too late to write${READ_ON}`;

/** @throws {TypeError} for what is neither text nor bytes. */
export function toBytes(what: string, piece: unknown): Uint8Array<ArrayBuffer> {
  if (typeof piece === "string") return encode(piece);
  if (piece instanceof ArrayBuffer || ArrayBuffer.isView(piece)) return copyOf(piece);
  throw expected(what, "text or bytes", piece);
}

/** Marks a promise as handled: if nobody awaits it, its rejection is not reported. */
function quiet(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
