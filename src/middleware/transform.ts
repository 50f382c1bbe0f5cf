// Defines `transform()`, a middleware that transforms the bodies of responses while they are read.
import { expected, kindOf, READ_ON, stampAsCopy, stampOf, tagOf } from "../exchange/index.ts";
import type { Middleware } from "./middleware.ts";
import { streamPieces, textPieces } from "./pieces.ts";
import { type Make, type Transformation, toMake } from "./transformation.ts";
import { type Read, transformedBody } from "./transformed-body.ts";

export type { ByteTransformer, Piece, TextTransformer, Transformation } from "./transformation.ts";

/** Which responses are transformed. Every member is optional. */
export interface TransformOptions {
  /**
   * Whether a response is transformed. Default for text: its content-type is that of a text (`text/*`, JSON, XML,
   * JavaScript and the like), or there is none, so that images stay as they are. Default for bytes: always.
   */
  readonly when?: ((response: Response, request: Request) => boolean) | undefined;
  /**
   * What happens to a response that should be transformed but cannot be: a part of one (status 206), and for text also
   * one with a content-encoding or in a charset other than UTF-8.
   *
   * `"error"` (default) releases its body and throws a `TypeError`, which most runtimes answer with status 500. Nobody
   * would notice if it were passed on unchanged. Most often the compression is merely on the wrong side of this
   * middleware, and a transformation that removes secrets would let them through. `"skip"` passes it on unchanged.
   */
  readonly unfit?: "error" | "skip" | undefined;
  /**
   * Whether bodies are already decoded, whatever their content-encoding says. `fetch()` decodes its bodies. Such a
   * response can be transformed, and loses the header. Default `false`.
   */
  readonly decoded?: boolean | undefined;
}

/**
 * Middleware that transforms the body of every response while it is read, however it was made: from a string or bytes,
 * by a stream, by an async generator, or by `ResponseThen.stream`.
 *
 * Text comes as it was sent, piece by piece, but no character is ever split: one that is cut at the end of a piece
 * comes with the next piece. (A fixed body is one piece. The pieces of a stream are those of its source, so a word may
 * be in two of them.) Bytes that are not UTF-8 become U+FFFD. A function may return text or bytes, and `null` or
 * `undefined` for nothing.
 *
 * Nothing is read before the response is read, and no more than the next piece needs. If the client leaves, the source
 * is canceled once. The source's error is the body's error. An error of the transformation is the body's error too, and
 * the source is canceled with it. Either error cuts the connection. A `ResponseThen` keeps its callbacks and options.
 * The outcome describes what was sent: the `bytes` after the transformation, the changed headers, and `errored` also if
 * the transformation failed.
 *
 * Headers that were true only for the old body are removed: `content-length` (the client would wait for the rest, or
 * take it for the next response), `etag`, `content-md5`, `digest`, `content-digest` and `repr-digest` (they name other
 * bytes), `accept-ranges` and `content-range` (they count other bytes). `last-modified` stays, because it dates what
 * the response describes. The new length is not computed, because that would take the whole body.
 *
 * A `HEAD` has its headers changed as for `GET`. Its body is transformed only if a server reads it to know its length.
 * A response without a body stays as it is. If the transformation needs the request, make it in a middleware of your
 * own, because this is a middleware too:
 * `(next) => (request, ...rest) => transform((text) => …)(next)(request, ...rest)`.
 *
 * @param transformation Called when the body is read. A function that makes transformers is called when the handler
 * answers.
 * @throws {TypeError} for an invalid transformation and for bad options, at this call. A function without a parameter
 * that makes neither a `TransformStream` nor a transformer throws when the handler answers, as its error.
 *
 * @example
 * ```ts
 * import { compose, transform } from "response-then/middleware";
 *
 * const louder = transform((text) => text.toUpperCase());
 *
 * // Adds a comment with the number of characters to every page.
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
// biome-ignore lint/suspicious/noExplicitAny: a middleware that is made on its own fits the handlers of every platform
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

/** Headers that describe the old body. */
const STALE = "content-length etag content-md5 digest content-digest repr-digest accept-ranges content-range".split(
  " ",
);

function transformed(response: Response, request: Request, make: Make, { when, skip, decoded }: Settings): Response {
  // The headers are read before the body: on Bun, access to `body` removes the content-type.
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
  // The response itself is the init, because Workers keep more in it than can be copied.
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
  if (status === 206) return "it is partial (status 206)";
  const encoding = headers.get("content-encoding")?.trim();
  if (text && !decoded && encoding && !/^identity$/i.test(encoding)) {
    return `its content-encoding is ${encoding}, and text must not be encoded; compress after transform()`;
  }
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(headers.get("content-type") ?? "")?.[1] ?? "utf-8";
  return text && !/^utf-?8$/i.test(charset) ? `its charset is ${charset}, and not UTF-8` : undefined;
}

/** Releases a body that nobody will read. */
function release(response: Response, reason: unknown): void {
  const { body } = response;
  const watched = stampOf(body)?.body;
  // A watched body is canceled directly, because some streams of older workerds do not report a cancel. Otherwise the
  // body may be locked or read, and the cancel then rejects.
  const released = watched?.untouched ? watched.cancel(reason) : body?.cancel(reason);
  released?.catch(() => {});
}
