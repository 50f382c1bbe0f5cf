// Looking at the body of a plain response without touching it: a body that was looked at is sent in another way by Bun,
// by Deno and by `@hono/node-server`, with other headers or without its length.
import { byteLengthOf } from "../body/content.ts";
import { onBun, onDeno, Stream } from "../runtime.ts";

/** What is to be seen of a body. */
export interface Look {
  readonly stream?: ReadableStream;
  /** How long the body is, 0 for none; `undefined` where that is not known, as of most streams. */
  readonly bytes?: number | undefined;
}

/** The body of a plain response, whose stream is only looked at where it is one. */
export function lookAt(response: Response): Look {
  if (onBun) return lookOnBun(response);
  if (onDeno) return lookOnDeno(response);
  const cached = cacheOf(response);
  const body = cached ? cached[1] : response.body;
  return body instanceof Stream ? { stream: body, bytes: lengthOf(body) } : { bytes: byteLengthOf(body) };
}

// Of a stream of its own, such as a fixed or a fetched body, workerd knows the length, and tells it those who inspect it.
const LENGTH = Object.getOwnPropertySymbols(Stream.prototype).find(({ description }) => description === "length");

/** How many bytes a stream will give, where the runtime itself is certain. */
export function lengthOf(stream: ReadableStream): number | undefined {
  const length = LENGTH && (stream as unknown as Record<symbol, unknown>)[LENGTH];
  return typeof length === "number" || typeof length === "bigint" ? Number(length) : undefined;
}

/**
 * Whether a body was read.
 *
 * @param asked Whether somebody has taken its stream: then it may be being read.
 */
export function isRead(response: Response, asked: boolean): boolean {
  // That class answers each question with another response, which it sends more slowly, and once only.
  if (cacheOf(response)) return false;
  return response.bodyUsed || (asked && response.body?.locked === true);
}

/** What the class of `@hono/node-server` was given: status, body and headers, as long as nobody has looked. */
function cacheOf(response: Response): readonly unknown[] | undefined {
  const key = Object.getOwnPropertySymbols(response).find(({ description }) => description === "cache");
  const cached = key && (response as unknown as Record<symbol, unknown>)[key];
  return Array.isArray(cached) ? cached : undefined;
}

const USED = "\n  bodyUsed: ";

/**
 * Bun names the kind of a body where it prints a response, after `bodyUsed`; what comes before is in lines of its own.
 * A length of 512 bytes or more is rounded there, and so not known. (A `clone()` changes the content-type of a text.)
 */
function lookOnBun(response: Response): Look {
  keepHeaders(response);
  const { Bun } = globalThis as unknown as { Bun: { inspect(value: unknown): string } };
  const text = Bun.inspect(response);
  const [, bytes] = /^\w+ \((\d+) bytes\)/.exec(text) ?? [];
  // Not searched for by a pattern: that took longer than all else here.
  const [, kind] = /^\w+,\n +(\w+)/.exec(text.slice(text.indexOf(USED) + USED.length)) ?? [];
  if (kind === "ReadableStream") return { stream: response.body as ReadableStream };
  if (!kind) return { bytes: 0 };
  return { bytes: kind === "Blob" && bytes ? Number(bytes) : undefined };
}

/**
 * Bun takes headers that nobody has looked at away with what it sends, and the outcome would have none. When somebody
 * looks it makes a content-type of a Blob's or a file's type, and sends that otherwise, also to a HEAD: that one goes.
 */
export function keepHeaders(response: Response): void {
  // Takes the headers over as they are.
  const before = new Response(null, response).headers;
  if (response.headers.has("content-type") && !before.has("content-type")) response.headers.delete("content-type");
}

let inner: symbol | undefined;
let fast: symbol | undefined;

/** Deno keeps what a response was given in fields of its own. */
function lookOnDeno(response: Response): Look {
  type Inner = { body: { streamOrStatic?: unknown; source?: unknown; length?: number | null } | null };
  const find = (name: string) => Object.getOwnPropertySymbols(response).find(({ description }) => description === name);
  inner ??= find("response");
  fast ??= find("serve fast body");
  const fields = response as unknown as Record<symbol, unknown>;
  const content = fast && fields[fast];
  if (content !== null && content !== undefined) return { bytes: byteLengthOf(content) };
  const body = inner && (fields[inner] as Inner | undefined)?.body;
  if (body === null) return { bytes: 0 };
  const { source, length, streamOrStatic } = body || {};
  if (source !== null && source !== undefined) return { bytes: length ?? byteLengthOf(source) };
  if (typeof length === "number") return { bytes: length };
  const stream = streamOrStatic instanceof Stream ? streamOrStatic : response.body;
  return stream ? { stream } : { bytes: 0 };
}
