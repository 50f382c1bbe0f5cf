import { expected, kindOf, READ_ON, stampAsCopy, stampOf, tagOf } from "../exchange/index.ts";
import type { Middleware } from "./middleware.ts";
import { streamPieces, textPieces } from "./pieces.ts";
import { type Make, type Transformation, toMake } from "./transformation.ts";
import { type Read, transformedBody } from "./transformed-body.ts";

export type { ByteTransformer, Piece, TextTransformer, Transformation } from "./transformation.ts";

/** Which responses are transformed. Every member may be left out. */
export interface TransformOptions {
  /**
   * Whether a response is to be transformed. Default: for text, where the content-type is that of a text (`text/*`, JSON,
   * XML, JavaScript and their like) or there is none, so that images stay whole; for bytes, always.
   */
  readonly when?: ((response: Response, request: Request) => boolean) | undefined;
  /**
   * What becomes of a response that is to be transformed and cannot be: a part of one (status 206), and for text one with
   * a content-encoding, or in another charset than UTF-8.
   *
   * `"error"` (default) releases its body and throws a `TypeError`, which most runtimes answer with status 500. To pass it
   * on as it is would be noticed by nobody: most often the compression is merely on the wrong side of this middleware,
   * and what removes secrets would let them through. `"skip"` passes it on.
   */
  readonly unfit?: "error" | "skip" | undefined;
  /**
   * Whether bodies are plain whatever their content-encoding says, as those of `fetch()` are, which has decoded them.
   * Then they fit, and lose the header. Default `false`.
   */
  readonly decoded?: boolean | undefined;
}

/**
 * Middleware that transforms the body of every response while it is read, however it was made: of a string or bytes, by
 * a stream, by an async generator, or written by `ResponseThen.stream`.
 *
 * Text comes as it was sent, piece by piece, but no character is ever split: what one piece lacks of it comes with the
 * next. (A fixed body is one piece; a stream's pieces are as its source gives them, so a word may be in two of them.)
 * Bytes that are no UTF-8 are U+FFFD. What a function gives may be text or bytes, and `null` or `undefined` for nothing.
 *
 * Nothing is read before the response is, nor more of it than the next piece needs. A client that leaves cancels the
 * source, once. The source's error is the body's; so is what the transformation throws, and then the source is canceled
 * with it: either cuts the connection. A `ResponseThen` keeps its callbacks and options, and what they are told is what
 * went out: the `bytes` after the transformation, the headers too, and `errored` also where the transformation failed.
 *
 * Of the headers go those that were true only of the body before: `content-length` (the client would wait for the rest,
 * or take it for the next response), `etag`, `content-md5`, `digest`, `content-digest` and `repr-digest` (they name other
 * bytes), `accept-ranges` and `content-range` (they count other bytes). `last-modified` stays: it dates what the response
 * tells of. The length is not computed anew, for that would take the whole body.
 *
 * `HEAD` has its headers changed as for `GET`; its body is transformed only where a server reads it to tell its length.
 * A response without a body stays as it is. What needs the request can be made in a middleware of one's own, for this is
 * one too:
 * `(next) => (request, ...rest) => transform((text) => …)(next)(request, ...rest)`.
 *
 * @param transformation Is called when the body is read, but one that makes transformers when the response is answered.
 * @throws {TypeError} for a transformation that is none and for bad options: at this call; and when a response is
 * answered, as the handler's error, for one without a parameter that makes neither a `TransformStream` nor a transformer.
 *
 * @example
 * ```ts
 * import { compose, transform } from "response-then/middleware";
 *
 * const louder = transform((text) => text.toUpperCase());
 *
 * // A stamp at the end of every page, which counts what was before it.
 * const counted = transform(
 *   () => {
 *     let length = 0;
 *     return {
 *       transform(text: string) {
 *         length += text.length;
 *         return text;
 *       },
 *       flush: () => `<!-- ${length} characters -->`,
 *     };
 *   },
 *   { when: ({ headers }) => headers.get("content-type")?.startsWith("text/html") ?? false },
 * );
 *
 * export default { fetch: compose(() => new Response("Hello"), counted, louder) };
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: one that is made apart fits around handlers of every platform
export function transform<Rest extends readonly unknown[] = any[]>(
  transformation: Transformation,
  options: TransformOptions = {},
): Middleware<Rest> {
  const make = toMake(transformation);
  const settings = toSettings(options);
  return (next) =>
    (request, ...rest) => {
      const apply = (response: Response) => {
        if (tagOf(response) !== "Response") throw expected("the handler's answer", "a Response", response);
        try {
          return transformed(response, request, make, settings);
        } catch (error) {
          release(response, error);
          throw error;
        }
      };
      const answering = next(request, ...rest);
      const promise = answering as Promise<Response> | undefined;
      return typeof promise?.then === "function" ? promise.then(apply) : apply(answering as Response);
    };
}

type Settings = Pick<TransformOptions, "when"> & { skip: boolean; decoded: boolean };

function toSettings(options: TransformOptions): Settings {
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { when, unfit = "error", decoded = false } = options;
  if (when !== undefined && typeof when !== "function") throw expected("when", "a function", when);
  if (unfit !== "error" && unfit !== "skip") throw expected("unfit", '"error" or "skip"', unfit);
  if (typeof decoded !== "boolean") throw expected("decoded", "a boolean", decoded);
  return { when, skip: unfit === "skip", decoded };
}

/** Of a body that is another one now. */
const STALE = "content-length etag content-md5 digest content-digest repr-digest accept-ranges content-range".split(
  " ",
);

function transformed(response: Response, request: Request, make: Make, { when, skip, decoded }: Settings): Response {
  // The headers before the body, everywhere: on Bun a body once touched takes the content-type away.
  const { headers, status } = response;
  if (status < 200 || status === 204 || status === 205 || status === 304) return response;
  if (when && !when(response, request)) return response;
  const transformer = make();
  const text = !("readable" in transformer);
  if (text && !when && !isText(headers)) return response;
  const unfit = whyUnfit(headers, status, text, decoded);
  if (unfit !== undefined && skip) return response;
  const { body } = response;
  if (body === null) return response;
  if (unfit !== undefined) throw new TypeError(`A response cannot be transformed: ${unfit}${READ_ON}`);
  if (response.bodyUsed || body.locked)
    throw new TypeError(`A response cannot be transformed: its body is in use${READ_ON}`);

  const pieces = (read: Read) => (text ? textPieces(transformer, read) : streamPieces(transformer, read));
  const watched = stampOf(body)?.body;
  const own = watched?.untouched ? watched : undefined;
  // Around the response itself, as init: Workers keep more in it than can be copied.
  const sent = new Response(own ? body : transformedBody(body, kindOf(body), pieces), response);
  for (const name of STALE) sent.headers.delete(name);
  if (decoded) sent.headers.delete("content-encoding");
  if (own) {
    own.sentBy(sent);
    own.pass((source, type) => [transformedBody(source, type, pieces), undefined]);
  } else stampAsCopy(sent, body);
  return sent;
}

function isText(headers: Headers): boolean {
  const type = headers.get("content-type")?.split(";")[0]?.trim();
  return !type || /^text\/|[/+-](json|json-seq|jsonl|ndjson|xml|javascript|ecmascript|yaml|urlencoded)$/i.test(type);
}

function whyUnfit(headers: Headers, status: number, text: boolean, decoded: boolean): string | undefined {
  if (status === 206) return "it is a part of one (status 206)";
  const encoding = headers.get("content-encoding")?.trim();
  if (text && !decoded && encoding && !/^identity$/i.test(encoding)) {
    return `its content-encoding is ${encoding}, and a transformation of text takes none; compress after it`;
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers.get("content-type") ?? "")?.[1] ?? "utf-8";
  return text && !/^utf-?8$/i.test(charset) ? `its charset is ${charset}, and not UTF-8` : undefined;
}

/** Nobody will read the body. */
function release(response: Response, reason: unknown): void {
  const { body } = response;
  const watched = stampOf(body)?.body;
  // Of its own where it is watched: not every stream of older workerds tells of a cancel. It may be locked, or read.
  const released = watched?.untouched ? watched.cancel(reason) : body?.cancel(reason);
  released?.catch(() => {});
}
