import { expected } from "./expected.ts";

/** A body as `Response` takes it. */
export type ResponseBody = ConstructorParameters<typeof Response>[0];

/** Bytes of our own, or a stream of somebody else's. */
export type BodySource = Uint8Array<ArrayBuffer> | ReadableStream;

/**
 * Takes a body apart, without locking or reading it, into its source and the content-type that the plain response has.
 *
 * @throws {TypeError} for a body that no response can have: locked, already read, or with a status that has none.
 */
export function toContent(
  body: NonNullable<ResponseBody>,
  status: number | undefined,
): readonly [source: BodySource, contentType: string | null] {
  // Bun would take such a body and drop it; workerd would take a locked stream.
  if ([101, 204, 205, 304].includes(status as number)) throw expected("body", `null for status ${status}`, body);
  if ((body as ReadableStream).locked) throw expected("body", "an unlocked stream", body);
  if (typeof body === "string") return [new TextEncoder().encode(body), "text/plain;charset=UTF-8"];
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    const { buffer = body, byteOffset = 0, byteLength } = body as ArrayBufferView;
    // A copy, as the plain response makes: the application may change its bytes after the call.
    return [new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength).slice(), null];
  }
  // The rest through a plain response: it knows the content-type, and throws for a stream that was read.
  const { headers, body: source } = new Response(body);
  return [source as ReadableStream, headers.get("content-type")];
}

let typeOfFixed: ["bytes" | undefined] | undefined;

/** Which kind of stream the body of a plain response would be. */
export function streamTypeOf(source: BodySource): "bytes" | undefined {
  if (source instanceof Uint8Array) {
    // A readable byte stream on Node and Workers, a default stream on Bun and Deno.
    typeOfFixed ??= [streamTypeOf(new Response("").body as ReadableStream)];
    return typeOfFixed[0];
  }
  try {
    source.getReader({ mode: "byob" }).releaseLock();
    return "bytes";
  } catch {
    return undefined;
  }
}
