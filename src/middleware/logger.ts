// Defines `logger()`, a middleware that writes one line for each request when its response has ended.
import {
  CallbacksForAll,
  currentHandling,
  expected,
  type HostSignals,
  NodeSignals,
  onDeno,
  outgoingOf,
  READ_ON,
  signalsOfRequest,
  toWaitUntil,
  wrapHandler,
} from "../exchange/index.ts";
import type { WaitUntilFunction, WaitUntilObject } from "../index.ts";
import { factsOf, type RequestFacts, toEntry } from "./log-entry.ts";
import { type LogFormat, onTerminal, toFormat } from "./log-format.ts";
import type { FetchHandler, Middleware } from "./middleware.ts";
import { type Redact, toRedact } from "./redact.ts";

/** How requests are logged. Every member is optional. */
export interface LoggerOptions<Rest extends readonly unknown[] = readonly unknown[]> {
  /** How a line is written; default `"dev"`. A function is called once per request, when the response has ended. */
  readonly format?: LogFormat | undefined;
  /**
   * Gets each line, without a line break; default `console.log`. If it returns a promise, the callback waits for it.
   */
  readonly sink?: ((line: string) => unknown) | undefined;
  /**
   * The query parameters whose values are written as `[redacted]`, in the path and in the referer. Default: names that
   * end in `token`, `secret`, `password`, `api_key`, `signature` or the like, and `key`, `code`, `sig`, `auth`,
   * `session` and the like. `[]` redacts nothing.
   */
  readonly redact?: Redact | undefined;
  /**
   * Returns the address of the client, which only the platform knows: from the arguments after the request, or from a
   * header that a trusted proxy sets. Called once per request, before the handler. If it throws, the error is written
   * to `console.error`, and the address is unknown.
   */
  readonly remote?: ((request: Request, ...rest: Rest) => string | null | undefined) | undefined;
}

/**
 * Middleware that logs each request in one line when its response has ended. The line has the true duration, up to the
 * end of the body, the bytes, and how the response ended. It is also written when the client left, when the body's
 * source failed, and when the handler threw; the error goes on to the runtime. After a throw the line says status 500
 * and errored, or 499 and canceled if the handler threw because its client had left, where the server can tell.
 *
 * A `ResponseThen` keeps its callbacks, and they start before the line is written. A plain response is sent as without
 * the logger. The line describes the response that is sent. Inside an adapter's `withResponseThen` it tells what the
 * adapter sees. Alone, it tells what the body shows: `"pulled"`, or `"handed-over"` for `HEAD`, for responses without a
 * body, and where the server takes a plain text or bytes as a whole. Under `@hono/node-server` it is `"flushed"` for
 * all of them.
 *
 * Each line is written at most once: a process that dies writes no more. It does not promise the order of the lines. A
 * format or a sink that fails is reported like any callback, and affects neither the client nor the handler. On Workers
 * and similar platforms the logger uses the `waitUntil` of the arguments after the request, or of the request itself.
 *
 * @throws {TypeError} for options of the wrong type.
 *
 * @example
 * ```ts
 * import { compose, logger } from "response-then/middleware";
 *
 * export default { fetch: compose(() => new Response("Hello"), logger({ format: "json" })) };
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: a middleware that is made on its own fits the handlers of every platform
export function logger<Rest extends readonly unknown[] = any[]>(
  options: LoggerOptions<Fixed<Rest>> = {},
): Middleware<Rest> {
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { format = "dev", sink, redact, remote } = options as LoggerOptions<Rest>;
  if (sink !== undefined && typeof sink !== "function") throw expected("sink", "a function", sink);
  if (remote !== undefined && typeof remote !== "function") throw expected("remote", "a function", remote);
  const write = toFormat(format, sink === undefined && onTerminal());
  const isSecret = toRedact(redact);

  // Separate from the function that handles the request: closures of one function keep alive what any of them uses.
  const lineAfter = (facts: RequestFacts) =>
    new CallbacksForAll((outcome) => (sink ?? console.log)(write(toEntry(facts, outcome))));

  return (next) => {
    const logged: FetchHandler<Rest> = (request, ...rest) => {
      const facts = factsOf(request, addressOf(remote, request, ...rest), isSecret);
      currentHandling()?.add(lineAfter(facts));
      return next(request, ...rest);
    };
    const alone = wrapHandler(logged, hostOf);
    // A wrapped handler around this one knows more about the platform. It hands the response over.
    return (request, ...rest) => (currentHandling()?.answers(request) ? logged : alone)(request, ...rest);
  };
}

/**
 * Takes `Rest` from the handler, and not from what `remote` accepts. (With `NoInfer`, `remote` would have to accept all
 * of it.)
 */
type Fixed<Rest> = Rest extends infer Same extends readonly unknown[] ? Same : never;

function addressOf<Rest extends readonly unknown[]>(
  remote: LoggerOptions<Rest>["remote"],
  request: Request,
  ...rest: Rest
): string | undefined {
  try {
    return remote?.(request, ...rest) ?? undefined;
  } catch (error) {
    console.error(`response-then: the logger's remote failed${READ_ON}`, error);
    return undefined;
  }
}

/** Node reports the end through the `outgoing` of `@hono/node-server`; elsewhere the body reports it. */
function hostOf(request: Request, ...rest: readonly unknown[]): HostSignals {
  const { method } = request;
  const waitUntil = waitUntilOf(request, rest);
  const outgoing = outgoingOf(rest[0]);
  if (outgoing) return new NodeSignals(outgoing, method, waitUntil);
  // Deno prints a warning when the signal is read.
  if (onDeno) return { method, waitUntil };
  return { method, waitUntil, ...signalsOfRequest(request) };
}

/** The `waitUntil` that a platform gives: of a context, of an event, or of the request of srvx. */
function waitUntilOf(request: Request, rest: readonly unknown[]): WaitUntilFunction | undefined {
  const carriers = [...rest, request] as (Partial<WaitUntilObject> | null | undefined)[];
  const carrier = carriers.find((each) => typeof each?.waitUntil === "function");
  return carrier ? toWaitUntil(carrier as WaitUntilObject) : undefined;
}
