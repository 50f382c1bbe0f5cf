import { expected } from "../exchange/index.ts";

/** What a transformation may give: text, which is encoded as UTF-8, bytes, or `null` or `undefined` for nothing. */
export type Piece = string | ArrayBuffer | ArrayBufferView | null | undefined;

/** Transforms a body as text. Each method may be left out: the text stays as it is, and nothing comes after it. */
export interface TextTransformer {
  /** Called for each piece of text, one after another; the next one waits for its promise. */
  transform?(text: string): Piece | Promise<Piece>;
  /** Called once at the end of the body, after the last piece; not when the reader left before, or the body failed. */
  flush?(): Piece | Promise<Piece>;
}

/** A `TransformStream`, or whatever has its two sides. */
export interface ByteTransformer {
  /** Gives the bytes that go out. */
  // biome-ignore lint/suspicious/noExplicitAny: the platforms' types for chunks contradict each other
  readonly readable: ReadableStream<any>;
  /** Takes the bytes of the body. */
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly writable: WritableStream<any>;
}

/**
 * What transforms bodies: a function of the text; an object for the text and what comes after it; or, told by its having
 * no parameter, a function that is called for each body and makes such an object, or a `TransformStream` of bytes.
 */
export type Transformation =
  | ((text: string) => Piece | Promise<Piece>)
  | TextTransformer
  | (() => TextTransformer | ByteTransformer);

/** Makes what transforms one body. */
export type Make = () => TextTransformer | ByteTransformer;

/** @throws {TypeError} for what is no transformation; what comes back throws it for what a function made wrongly. */
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
