// Defines what users can give to `transform()`, and checks it.
import { expected } from "../exchange/index.ts";

/** What a transformation may return: text, which is encoded as UTF-8, bytes, or `null` or `undefined` for nothing. */
export type Piece = string | ArrayBuffer | ArrayBufferView | null | undefined;

/**
 * Transforms a body as text. Either method may be left out: without `transform` the text stays as it is, and without
 * `flush` nothing follows it.
 */
export interface TextTransformer {
  /** Called for each piece of text, one after another. The next call waits for the promise of the one before. */
  transform?(text: string): Piece | Promise<Piece>;
  /**
   * Called once at the end of the body, after the last piece. Not called if the reader left before, or if the body
   * failed.
   */
  flush?(): Piece | Promise<Piece>;
}

/** A `TransformStream`, or whatever has its two sides. */
export interface ByteTransformer {
  /** Gives the bytes that go out. */
  // biome-ignore lint/suspicious/noExplicitAny: the platforms' types for chunks contradict each other
  readonly readable: ReadableStream<any>;
  /** Takes the bytes of the body. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  readonly writable: WritableStream<any>;
}

/**
 * Transforms bodies: a function of the text; an object with methods for the text and for what follows it; or a function
 * without a parameter, which is called for each body, and makes such an object or a `TransformStream` of bytes.
 */
export type Transformation =
  | ((text: string) => Piece | Promise<Piece>)
  | TextTransformer
  | (() => TextTransformer | ByteTransformer);

/** Makes the transformer of one body. */
export type Make = () => TextTransformer | ByteTransformer;

/**
 * Checks a transformation, and makes a function of it.
 *
 * @throws {TypeError} for an invalid transformation. The function that is returned throws it if the application's own
 * function made something else.
 */
export function toMake(given: Transformation): Make {
  if (typeof given === "function") {
    if (given.length > 0) return () => ({ transform: given as NonNullable<TextTransformer["transform"]> });
    return () => toTransformer((given as Make)());
  }
  const transformer = toTransformer(given, "transformation");
  if ("readable" in transformer) {
    throw expected("transformation", "a function that makes a TransformStream for each body", transformer);
  }
  return () => transformer;
}

function toTransformer(
  given: TextTransformer | ByteTransformer,
  what = "what the transformation without a parameter made",
): TextTransformer | ByteTransformer {
  const { readable, writable, transform, flush } = (given ?? {}) as Partial<ByteTransformer & TextTransformer>;
  if (readable instanceof ReadableStream && writable instanceof WritableStream) return given;
  const methods = [transform, flush].filter((method) => method !== undefined);
  if (methods.length > 0 && methods.every((method) => typeof method === "function")) return given;
  throw expected(what, "a TransformStream, or an object { transform(text), flush() }", given);
}
