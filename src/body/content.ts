// What a body is made of: fixed content or a stream, its content-type, its size; taken apart without reading it.
import { expected } from "../expected.ts";
import { onBun, onWorkers, Stream } from "../runtime.ts";

/** A body as `Response` takes it. */
export type ResponseBody = ConstructorParameters<typeof Response>[0];

/** Content that is all there, so that a platform can take it as it is. */
export type FixedContent = string | Blob | URLSearchParams | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** Bytes of our own, or a stream of somebody else's. */
export type BodySource = Uint8Array<ArrayBuffer> | ReadableStream;

/** What a response makes of a body: what to read, the content-type, and whether the body is a readable byte stream. */
export type Content = readonly [source: BodySource, contentType: string | null, type: "bytes" | undefined];

/** @throws {TypeError | RangeError} for a body and a status of which no response can be made; some classes take all. */
export function checkBody(body: ResponseBody, status: number | undefined): void {
  const code = Number(status);
  if (status !== undefined && !(code >= 200 && code < 600) && code !== 101)
    throw expected("status", "a number from 200 to 599", status, RangeError);
  if (body === null || body === undefined) return;
  if ([101, 204, 205, 304].includes(code)) throw expected("body", `null for status ${status}`, body);
  if (body instanceof Stream && body.locked) throw expected("body", "an unlocked stream", body);
}

/** The fixed content of a body, where it has any, and at most `limit` bytes of it, as it is now. */
export function toFixed(body: ResponseBody, limit: number): FixedContent | undefined {
  if (typeof body === "string") {
    // Three bytes are the most that UTF-8 makes of a code unit.
    return body.length * 3 <= limit || byteLengthOf(body) <= limit ? body : undefined;
  }
  if (body instanceof Blob) return body.size <= limit && !isFileOfBun(body) ? body : undefined;
  if (body instanceof URLSearchParams) return byteLengthOf(body) <= limit ? new URLSearchParams(body) : undefined;
  if (!(body instanceof ArrayBuffer || ArrayBuffer.isView(body)) || byteLengthOf(body) > limit) return undefined;
  // A class of a server may keep them until they are sent. Of the same kind: by that Bun tells the content-type.
  if (body instanceof ArrayBuffer) return body.byteLength > 0 ? body.slice(0) : body;
  const bytes = copyOf(body);
  return body instanceof Uint8Array ? bytes : new DataView(bytes.buffer);
}

/** Bun does not tell what it made of a file: it may be gone, or a range of it is sent. So it is watched. */
function isFileOfBun(blob: Blob): boolean {
  return (
    onBun &&
    !(globalThis as unknown as { Bun: { inspect(value: unknown): string } }).Bun.inspect(blob).startsWith("Blob")
  );
}

/** Takes a body apart into what the plain response would make of it, without locking or reading it. */
export function toContent(body: NonNullable<ResponseBody>): Content {
  textContent ??= plainContent("");
  const [, textType, type] = textContent;
  // Bun keeps the content-type of a string to itself until the response is sent; then it is this one.
  if (typeof body === "string") return [encode(body), textType ?? "text/plain;charset=utf-8", type];
  if (body instanceof URLSearchParams) {
    return [encode(String(body)), new Response(body).headers.get("content-type"), type];
  }
  // Copies, as the plain response makes them: the application may change its bytes after the call.
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return [copyOf(body), null, type];
  return fromIterable(body, type) ?? plainContent(body);
}

/** What this runtime makes of a string: its body is a byte stream on Node and Workers, a default stream on Bun and Deno. */
let textContent: Content | undefined;

/** Bodies of FormData: nobody's to be released, and Node 24 and 26 fail unhandled where one is canceled. */
export const forms: WeakSet<object> = new WeakSet();

function plainContent(body: NonNullable<ResponseBody>): Content {
  // In this order: on Bun a body once touched takes the content-type away.
  const text = typeof body === "string" && new Response(body).headers.get("content-type");
  const plain = new (nativeResponse())(body);
  const contentType = text || plain.headers.get("content-type");
  const source = plain.body as ReadableStream;
  if (body instanceof FormData) forms.add(source);
  return [source, contentType, kindOf(source)];
}

/**
 * The runtime's own class: `@hono/node-server` puts another in its place, which takes bodies that no response can have.
 * (That of happy-dom extends one of which nobody can make a response.)
 */
function nativeResponse(): typeof Response {
  if (known !== Response) {
    known = native = Response;
    for (let next = known; next?.prototype; next = Object.getPrototypeOf(next)) if (canBeMade(next)) native = next;
  }
  return native;
}

let known: typeof Response | undefined;
let native: typeof Response;

function canBeMade(Class: typeof Response): boolean {
  try {
    new Class(null);
    return true;
  } catch {
    return false;
  }
}

/** A `Readable` of Node, a stream that is none of the platform's, or a generator. */
interface Iterable extends AsyncIterable<unknown> {
  destroy?(): unknown;
  getReader?(): ReadableStreamDefaultReader<unknown>;
}

/** Whether somebody has read from a source, or has locked it. */
export function isUsed(source: BodySource | undefined): boolean {
  if (!source || ArrayBuffer.isView(source)) return false;
  try {
    // Of a stream that was read no response can be made.
    new (nativeResponse())(source);
    return false;
  } catch {
    return true;
  }
}

/** Of an async iterable that is no stream: undici's own wrapping ends the process when the client leaves at its end. */
function fromIterable(body: NonNullable<ResponseBody>, type: "bytes" | undefined): Content | undefined {
  const { from } = Stream as { from?: (iterable: AsyncIterable<unknown>) => ReadableStream };
  const iterable = body as Partial<AsyncIterable<unknown>>;
  if (!from || body instanceof Stream || typeof iterable[Symbol.asyncIterator] !== "function") return undefined;
  const source = from.call(Stream, encoded(iterable as Iterable));
  // workerd has no BYOB reader for it.
  return [source, null, onWorkers ? undefined : type];
}

function encoded(iterable: Iterable): AsyncIterable<unknown> {
  const reader = iterable.getReader?.();
  const iterator: Pick<AsyncIterator<unknown>, "next" | "return"> = reader
    ? { next: () => reader.read(), return: async (value) => ({ done: true, value: await reader.cancel(await value) }) }
    : iterable[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<unknown>> => {
    for (;;) {
      const { done, value } = await iterator.next();
      if (done) return { done, value };
      const bytes = typeof value === "string" ? encode(value) : ownBytes(value);
      // A byte stream takes no empty piece.
      if (byteLengthOf(bytes) > 0) return { done: false, value: bytes };
    }
  };
  const finish = async (value: unknown): Promise<IteratorResult<unknown>> => {
    // An iterator's return() waits for its pending read.
    iterable.destroy?.();
    return (await iterator.return?.(value)) ?? { done: true, value };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: finish }) };
}

/** A copy, as the plain response makes it: a byte stream detaches what it is given, and refuses what Node's pool lends. */
function ownBytes(piece: unknown): unknown {
  return piece instanceof ArrayBuffer || ArrayBuffer.isView(piece) ? copyOf(piece) : piece;
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
  if (ArrayBuffer.isView(source)) return [source, source.slice()];
  // The platform's own tee for responses keeps byte streams what they are, and copies chunks where it must.
  const kept = new (nativeResponse())(source);
  const copied = kept.clone();
  return [kept.body as ReadableStream, copied.body as ReadableStream];
}

/** Text as UTF-8. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** The bytes as they are now. */
export function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  // A detached buffer has no bytes, and throws when it is looked at.
  if (bytes.byteLength === 0) return new Uint8Array();
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes).slice();
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).slice();
}

/** The size of a chunk or of a whole content on the wire; 0 for what no server can send. */
export function byteLengthOf(content: unknown): number {
  if (typeof content === "string") return utf8LengthOf(content);
  if (content instanceof URLSearchParams) return String(content).length;
  if (content instanceof Blob) return content.size;
  return (content as { byteLength?: number } | null | undefined)?.byteLength ?? 0;
}

// Counted, not encoded: on Node the buffer of an encoded text costs more than all else that a small response needs.
function utf8LengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7ff) length += 2;
    else if (unit > 0x7f) length++;
    // A pair of surrogates is 4 bytes; one alone is sent as U+FFFD, in 3.
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return length;
}
