// Looks at the body of a plain response without touching it. Bun, Deno and `@hono/node-server` send a touched body
// differently: with other headers, or without its length.
import { byteLengthOf } from "../body/content.ts";
import { inspectOnBun, onBun, onDeno, Stream } from "../runtime.ts";

/** What can be seen of a body. */
export interface Look {
  readonly stream?: ReadableStream;
  /** How long the body is, 0 if there is none; `undefined` if that is not known, as for most streams. */
  readonly bytes?: number | undefined;
}

/** What can be seen of a plain response's body. `body` is read only for streams if that changes what is sent. */
export function lookAt(response: Response): Look {
  if (onBun) return lookOnBun(response);
  if (onDeno) return lookOnDeno(response);
  const cached = cacheOf(response);
  const body = cached ? cached[1] : response.body;
  return body instanceof Stream ? { stream: body, bytes: lengthOf(body) } : { bytes: byteLengthOf(body) };
}

// workerd knows the length of its own streams, such as a fixed or a fetched body, and shows it to inspectors.
const LENGTH = Object.getOwnPropertySymbols(Stream.prototype).find(({ description }) => description === "length");

/** How many bytes a stream will give, if the runtime itself knows. */
export function lengthOf(stream: ReadableStream): number | undefined {
  const length = LENGTH && (stream as unknown as Record<symbol, unknown>)[LENGTH];
  return typeof length === "number" || typeof length === "bigint" ? Number(length) : undefined;
}

/**
 * Whether a body was read.
 *
 * @param asked Whether somebody has taken its stream. Then a lock on it means that it is being read.
 */
export function isRead(response: Response, asked: boolean): boolean {
  // A getter of @hono/node-server's class makes a real response: slower, and it can be sent only once.
  if (cacheOf(response)) return false;
  return response.bodyUsed || (asked && response.body?.locked === true);
}

/** What the class of `@hono/node-server` was given (status, body, headers), as long as nobody has read a property. */
function cacheOf(response: Response): readonly unknown[] | undefined {
  const key = Object.getOwnPropertySymbols(response).find(({ description }) => description === "cache");
  const cached = key && (response as unknown as Record<symbol, unknown>)[key];
  return Array.isArray(cached) ? cached : undefined;
}

const USED = "\n  bodyUsed: ";

/**
 * When Bun prints a response, it names the kind of the body on the line after `bodyUsed`. It rounds a length of 512
 * bytes or more, which is then not known. (`clone()` is no way to look: it changes the content-type of a text.)
 */
function lookOnBun(response: Response): Look {
  keepHeaders(response);
  const text = inspectOnBun(response);
  const [, bytes] = /^\w+ \((\d+) bytes\)/.exec(text) ?? [];
  // Found with `indexOf`, because a pattern took longer than everything else here.
  const [, kind] = /^\w+,\n +(\w+)/.exec(text.slice(text.indexOf(USED) + USED.length)) ?? [];
  if (kind === "ReadableStream") return { stream: response.body as ReadableStream };
  if (!kind) return { bytes: 0 };
  return { bytes: kind === "Blob" && bytes ? Number(bytes) : undefined };
}

/**
 * Makes Bun keep the headers for the outcome: it moves headers that nobody has read into what it sends. Reading them
 * adds a content-type made of the type of a Blob or a file, which changes what is sent, even for a HEAD. So that header
 * is deleted again.
 */
export function keepHeaders(response: Response): void {
  // The copy has the headers as they were given.
  const before = new Response(null, response).headers;
  if (response.headers.has("content-type") && !before.has("content-type")) response.headers.delete("content-type");
}

let inner: symbol | undefined;
let fast: symbol | undefined;

/** Deno keeps the parts of a response in its own fields, under symbols. */
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
