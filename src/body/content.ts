// Takes a response body apart without reading it: its source (fixed bytes or a stream), its content-type and its size.
import { expected } from "../expected.ts";
import { inspectOnBun, onBun, onWorkers, Stream } from "../runtime.ts";

/** A body that `Response` accepts. */
export type ResponseBody = ConstructorParameters<typeof Response>[0];

/** Content that is complete, so that a platform can take it as it is. */
export type FixedContent = string | Blob | URLSearchParams | ArrayBuffer | ArrayBufferView<ArrayBuffer>;

/** What a body is read from: our own copy of fixed bytes, or a stream. */
export type BodySource = Uint8Array<ArrayBuffer> | ReadableStream;

/** The source of a body, the content-type that `Response` sets for it, and `"bytes"` for a readable byte stream. */
export type Content = readonly [source: BodySource, contentType: string | null, type: "bytes" | undefined];

/**
 * Checks the body and the status, because the `Response` class of some servers accepts anything.
 *
 * @throws {TypeError | RangeError} for a body or a status that no response can have.
 */
export function checkBody(body: ResponseBody, status: number | undefined): void {
  const code = Number(status);
  if (status !== undefined && !(code >= 200 && code < 600) && code !== 101)
    throw expected("status", "a number from 200 to 599", status, RangeError);
  if (body === null || body === undefined) return;
  if ([101, 204, 205, 304].includes(code)) throw expected("body", `null for status ${status}`, body);
  if (body instanceof Stream && body.locked) throw expected("body", "an unlocked stream", body);
}

/**
 * Returns the fixed content of a body as it is now: a copy, if the application could still change it. Returns
 * `undefined` for more than `limit` bytes, and for a body that has no fixed content.
 */
export function toFixed(body: ResponseBody, limit: number): FixedContent | undefined {
  if (typeof body === "string") {
    // UTF-8 takes at most three bytes for a UTF-16 code unit.
    return body.length * 3 <= limit || byteLengthOf(body) <= limit ? body : undefined;
  }
  if (body instanceof Blob) return body.size <= limit && !isFileOfBun(body) ? body : undefined;
  if (body instanceof URLSearchParams) return byteLengthOf(body) <= limit ? new URLSearchParams(body) : undefined;
  if (!(body instanceof ArrayBuffer || ArrayBuffer.isView(body)) || byteLengthOf(body) > limit) return undefined;
  // Copied, because a server's `Response` class may keep the bytes until it sends them. The copy has the same type,
  // because Bun derives the content-type from it.
  if (body instanceof ArrayBuffer) return body.byteLength > 0 ? body.slice(0) : body;
  const bytes = copyOf(body);
  return body instanceof Uint8Array ? bytes : new DataView(bytes.buffer);
}

/**
 * Whether a Blob is a file of Bun. A file is watched, because Bun does not report whether the file was missing or only
 * a range of it was sent.
 */
function isFileOfBun(blob: Blob): boolean {
  return onBun && !inspectOnBun(blob).startsWith("Blob");
}

/** Takes a body apart as the plain response would, without locking or reading it. */
export function toContent(body: NonNullable<ResponseBody>): Content {
  textContent ??= plainContent("");
  const [, textType, type] = textContent;
  // Bun sets the content-type of a string only when it sends the response. It then sends this value.
  if (typeof body === "string") return [encode(body), textType ?? "text/plain;charset=utf-8", type];
  if (body instanceof URLSearchParams) {
    return [encode(String(body)), new Response(body).headers.get("content-type"), type];
  }
  // Copied, as `Response` does: the application may change its bytes after the call.
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return [copyOf(body), null, type];
  return fromIterable(body, type) ?? plainContent(body);
}

/**
 * What this runtime makes of a string. Its body is a byte stream on Node and Workers, and a default stream on Bun and
 * Deno.
 */
let textContent: Content | undefined;

/**
 * Streams of FormData bodies. They have no producer to release, and a cancel causes an unhandled rejection on Node 24
 * and 26.
 */
export const forms: WeakSet<object> = new WeakSet();

function plainContent(body: NonNullable<ResponseBody>): Content {
  // The headers are read before the body: on Bun, access to `body` removes the content-type.
  const text = typeof body === "string" && new Response(body).headers.get("content-type");
  const plain = new (nativeResponse())(body);
  const contentType = text || plain.headers.get("content-type");
  const source = plain.body as ReadableStream;
  if (body instanceof FormData) forms.add(source);
  return [source, contentType, kindOf(source)];
}

/**
 * The runtime's own `Response`: the last class in the prototype chain that can be constructed. `@hono/node-server`
 * replaces the global class by one that accepts invalid bodies. The class of happy-dom extends one that cannot be
 * constructed.
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

/** A `Readable` of Node, a stream that is not the platform's own, or an async generator. */
interface Iterable extends AsyncIterable<unknown> {
  destroy?(): unknown;
  getReader?(): ReadableStreamDefaultReader<unknown>;
}

/** Whether somebody has read from a source, or has locked it. */
export function isUsed(source: BodySource | undefined): boolean {
  if (!source || ArrayBuffer.isView(source)) return false;
  try {
    // `Response` throws for a stream that was read or is locked.
    new (nativeResponse())(source);
    return false;
  } catch {
    return true;
  }
}

/**
 * The content of an async iterable that is no stream. It is wrapped here, because undici's own wrapper crashes the
 * process if the client leaves when the iterable ends.
 */
function fromIterable(body: NonNullable<ResponseBody>, type: "bytes" | undefined): Content | undefined {
  const { from } = Stream as { from?: (iterable: AsyncIterable<unknown>) => ReadableStream };
  const iterable = body as Partial<AsyncIterable<unknown>>;
  if (!from || body instanceof Stream || typeof iterable[Symbol.asyncIterator] !== "function") return undefined;
  const source = from.call(Stream, encoded(iterable as Iterable));
  // workerd has no BYOB reader for a stream of `ReadableStream.from()`.
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
      // A byte stream does not accept an empty chunk.
      if (byteLengthOf(bytes) > 0) return { done: false, value: bytes };
    }
  };
  const finish = async (value: unknown): Promise<IteratorResult<unknown>> => {
    // `destroy()` comes first, because `return()` waits for the pending read.
    iterable.destroy?.();
    return (await iterator.return?.(value)) ?? { done: true, value };
  };
  return { [Symbol.asyncIterator]: () => ({ next, return: finish }) };
}

/**
 * Copies bytes, as the plain response does. A byte stream detaches the chunks that it gets, and does not accept chunks
 * from Node's buffer pool.
 */
function ownBytes(piece: unknown): unknown {
  return piece instanceof ArrayBuffer || ArrayBuffer.isView(piece) ? copyOf(piece) : piece;
}

/** Returns `"bytes"` for a readable byte stream. */
export function kindOf(stream: ReadableStream): "bytes" | undefined {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return "bytes";
  } catch {
    return undefined;
  }
}

/** Makes two sources of one that nobody has read from. */
export function teeSource(source: BodySource): [kept: BodySource, copied: BodySource] {
  if (ArrayBuffer.isView(source)) return [source, source.slice()];
  // `clone()` is the platform's own tee: a byte stream stays one, and chunks are copied where necessary.
  const kept = new (nativeResponse())(source);
  const copied = kept.clone();
  return [kept.body as ReadableStream, copied.body as ReadableStream];
}

/** Encodes text as UTF-8. */
export function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Copies the bytes as they are now. */
export function copyOf(bytes: ArrayBuffer | ArrayBufferView): Uint8Array<ArrayBuffer> {
  // A detached buffer has a length of 0, and a view of it throws.
  if (bytes.byteLength === 0) return new Uint8Array();
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes).slice();
  return new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).slice();
}

/** The size in bytes of a chunk or of a whole content; 0 for what no server can send. */
export function byteLengthOf(content: unknown): number {
  if (typeof content === "string") return utf8LengthOf(content);
  if (content instanceof URLSearchParams) return String(content).length;
  if (content instanceof Blob) return content.size;
  return (content as { byteLength?: number } | null | undefined)?.byteLength ?? 0;
}

// Counts without encoding: on Node the buffer of an encoded text costs more than the rest of a small response.
function utf8LengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7ff) length += 2;
    else if (unit > 0x7f) length++;
    // A surrogate pair takes 4 bytes. A lone surrogate is sent as U+FFFD, which takes 3.
    if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return length;
}
