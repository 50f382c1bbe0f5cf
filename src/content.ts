import { expected } from "./expected.ts";
import { copyOf } from "./fixed-content.ts";

/** A body as `Response` takes it. */
export type ResponseBody = ConstructorParameters<typeof Response>[0];

/** Bytes of our own, or a stream of somebody else's. */
export type BodySource = Uint8Array<ArrayBuffer> | ReadableStream;

/** What a response makes of a body: what to read, the content-type, and whether the body is a readable byte stream. */
export type Content = readonly [source: BodySource, contentType: string | null, type: "bytes" | undefined];

/**
 * Takes a body apart, without locking or reading it, into what the plain response would make of it.
 *
 * @throws {TypeError} for a body that no response can have: locked, already read, or with a status that has none.
 */
export function toContent(body: NonNullable<ResponseBody>, status: number | undefined): Content {
  // Bun would take such a body and drop it; workerd would take a locked stream.
  if ([101, 204, 205, 304].includes(Number(status))) throw expected("body", `null for status ${status}`, body);
  if (body instanceof ReadableStream && body.locked) throw expected("body", "an unlocked stream", body);
  textContent ??= plainContent("");
  const [, textType, type] = textContent;
  // Bun keeps the content-type of a string to itself until the response is sent; then it is this one.
  if (typeof body === "string") return [new TextEncoder().encode(body), textType ?? "text/plain;charset=utf-8", type];
  if (body instanceof URLSearchParams) {
    return [new TextEncoder().encode(String(body)), new Response(body).headers.get("content-type"), type];
  }
  // Copies, as the plain response makes them: the application may change its bytes after the call.
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return [copyOf(body), null, type];
  return plainContent(body);
}

/** What this runtime makes of a string: its body is a byte stream on Node and Workers, a default stream on Bun and Deno. */
let textContent: Content | undefined;

/** Bodies of FormData: nobody's to be released, and Node 24 and 26 fail unhandled where one is canceled. */
export const forms: WeakSet<object> = new WeakSet();

function plainContent(body: NonNullable<ResponseBody>): Content {
  const plain = new Response(body);
  // In this order: on Bun a body once touched takes the content-type away.
  const contentType = plain.headers.get("content-type");
  const source = plain.body as ReadableStream;
  if (body instanceof FormData) forms.add(source);
  return [source, contentType, kindOf(source)];
}

/** `"bytes"` for a readable byte stream. */
export function kindOf(stream: ReadableStream): "bytes" | undefined {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return "bytes";
  } catch {
    return undefined;
  }
}

/** Two of one source, which nobody has read from. */
export function teeSource(source: BodySource): [kept: BodySource, copied: BodySource] {
  if (source instanceof Uint8Array) return [source, source.slice()];
  // The platform's own tee for responses keeps byte streams what they are, and copies chunks where it must.
  const kept = new Response(source);
  const copied = kept.clone();
  return [kept.body as ReadableStream, copied.body as ReadableStream];
}
