// `ResponseThen.stream()`: a body that a function writes, at its reader's pace.
import { expected, READ_ON } from "../expected.ts";
import { toReason } from "../lifecycle/outcome.ts";
import { Stream } from "../runtime.ts";
import { copyOf, encode } from "./content.ts";

/** What a body is written with. */
export interface BodyWriter {
  /**
   * Hands over a piece of the body, and fulfils when the reader asks for more: wait for it, and nothing is made that
   * nobody wants. What is written without waiting is kept, in its order.
   *
   * Text is encoded as UTF-8, each piece by itself; bytes are copied, so that their buffer may be used again at once. An
   * empty piece is none.
   *
   * Rejects when nothing can be written any more: with the reason of the `signal` when the reader has left, and with an
   * `Error` after the end of the body. Who does not look at the promise is not told.
   *
   * @throws {TypeError} at once, for what is neither text nor bytes.
   */
  write(piece: string | ArrayBuffer | ArrayBufferView): Promise<void>;

  /** Ends the body before the function does. Once more, or after the end, it does nothing. */
  close(): void;
}

/**
 * Writes a body. It ends when this returns, or when the promise that it returns fulfils; a throw or a rejection is the
 * body's error. What is thrown after the reader has left changes nothing, and what is thrown after `writer.close()` goes
 * to `console.error`. After its reader left, the callbacks wait for it to return, for up to 5 s.
 *
 * @param signal Aborts when the reader leaves. Its reason is an `Error`, as that of the outcome is.
 */
export type WriteBody = (writer: BodyWriter, signal: AbortSignal) => unknown;

/**
 * Makes the body that a function writes. The function is called at the first pull, once, in the async context in which
 * the body was made; a body that is never read never calls it.
 *
 * @throws {TypeError} for what is no function.
 */
export function writtenBody(write: WriteBody): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (typeof write !== "function") throw expected("write", "a function", write);
  const abort = new AbortController();
  const { signal } = abort;
  let controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** Why nothing can be written any more. */
  let over: Error | undefined;
  /** Settles when the reader asks for more than was written. */
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
      // Pulls at once where a second read waits.
      controller.enqueue(bytes);
      return waited;
    },
    close() {
      if (over) return;
      over = new Error(ENDED);
      controller.close();
      // There is no pull for what follows it.
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

/** Nobody has to look at this promise. */
function quiet(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
