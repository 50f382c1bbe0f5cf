// Transforms a body piece by piece: text by the methods of a transformer, or bytes by a transform stream.
import { expected, toBytes } from "../exchange/index.ts";
import type { ByteTransformer, Piece, TextTransformer } from "./transformation.ts";
import type { Pieces, Read } from "./transformed-body.ts";

const PIECE = "a piece of the body";

/** Transforms the text of a body. */
export function textPieces(transformer: TextTransformer, read: Read): Pieces {
  return makePieces(transformer, read);
}

async function* makePieces(transformer: TextTransformer, read: Read): AsyncGenerator<Piece, void, void> {
  const make = (text: string) => (transformer.transform ? transformer.transform(text) : text);
  // A byte order mark is kept: only the transformer removes text.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let { done, value } = await read(); !done; { done, value } = await read()) {
    const bytes = value instanceof ArrayBuffer || ArrayBuffer.isView(value);
    if (!bytes && typeof value !== "string") throw expected(PIECE, "text or bytes", value);
    const text = bytes ? decoder.decode(value as BufferSource, { stream: true }) : decoder.decode() + value;
    if (text !== "") yield await make(text);
  }
  const rest = decoder.decode();
  if (rest !== "") yield await make(rest);
  yield await transformer.flush?.();
}

/**
 * Transforms the bytes of a body with a transform stream. The stream gets the next piece only while its reader waits
 * for output. A pipe would fill its buffers before that.
 */
export function streamPieces({ readable, writable }: ByteTransformer, read: Read): Pieces {
  const reader: ReadableStreamDefaultReader = readable.getReader();
  const writer: WritableStreamDefaultWriter = writable.getWriter();
  // A failure also rejects a read or a write, where it is handled.
  for (const { closed } of [reader, writer]) closed.catch(() => {});
  let fed = false;
  let feeding: Promise<void> | undefined;

  async function feed(): Promise<void> {
    const { done, value } = await read();
    fed = done;
    await (done ? writer.close() : writer.write(toBytes(PIECE, value)));
    if (!done) feeding = undefined;
  }

  return {
    async next() {
      let result: Awaited<ReturnType<typeof reader.read>> | undefined;
      const reading = reader.read().then((given) => {
        result = given;
      });
      // One microtask is enough for a read of what is already in the buffer.
      await undefined;
      while (!result) {
        feeding ??= feed();
        await (fed ? reading : Promise.race([reading, feeding]));
      }
      return result;
    },
    abort(reason) {
      reader.cancel(reason).catch(() => {});
      writer.abort(reason).catch(() => {});
    },
  };
}
