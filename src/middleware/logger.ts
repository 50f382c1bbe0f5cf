// The logger: one line for each request, when its response has ended.
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

/** How requests are logged. Every member may be left out. */
export interface LoggerOptions<Rest extends readonly unknown[] = readonly unknown[]> {
  /** How a line is written; default `"dev"`. A function is called once per request, when the response has ended. */
  readonly format?: LogFormat | undefined;
  /** Gets each line, without a line break; default `console.log`. A promise that it returns is waited for. */
  readonly sink?: ((line: string) => unknown) | undefined;
  /**
   * The parameters of the query whose values are written as `[redacted]`, in the path and in the referer. Default: names
   * that end in `token`, `secret`, `password`, `api_key`, `signature` or the like, and `key`, `code`, `sig`, `auth`,
   * `session` and the like. `[]` redacts nothing.
   */
  readonly redact?: Redact | undefined;
  /**
   * The address of the client, which only the platform knows: from what it gives beside the request, or from a header
   * that a trusted proxy sets. Called once per request, before the handler; when it throws that is written to
   * `console.error`, and the address is unknown.
   */
  readonly remote?: ((request: Request, ...rest: Rest) => string | null | undefined) | undefined;
}

/**
 * Middleware that logs each request in one line when its response has ended: with the true duration, to the end of the
 * body, the bytes, and how it ended. Also when the client left, when the body's source failed, and when the handler threw
 * (status 500, errored); the error goes on to the runtime.
 *
 * A `ResponseThen` keeps its callbacks, and they start before the line is written. A plain response goes out as without
 * the logger. The line tells of what is sent. Inside of an adapter's `withResponseThen` it tells what the adapter sees;
 * alone, it tells what the body does: `"pulled"`, and `"handed-over"` for `HEAD`, for responses without a body, and where
 * the server takes a plain text or bytes as a whole. Under `@hono/node-server` it is `"flushed"` for all of them.
 *
 * Each line is written once, at most: a process that dies writes no more. It does not promise the order of the lines. A
 * format or a sink that fails is reported like any callback, and neither the client nor the handler hears of it. On
 * Workers and the like it takes the `waitUntil` of what the platform gives beside the request.
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
// biome-ignore lint/suspicious/noExplicitAny: one that is made apart fits around handlers of every platform
export function logger<Rest extends readonly unknown[] = any[]>(
  options: LoggerOptions<Fixed<Rest>> = {},
): Middleware<Rest> {
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { format = "dev", sink, redact, remote } = options as LoggerOptions<Rest>;
  if (sink !== undefined && typeof sink !== "function") throw expected("sink", "a function", sink);
  if (remote !== undefined && typeof remote !== "function") throw expected("remote", "a function", remote);
  const write = toFormat(format, sink === undefined && onTerminal());
  const isSecret = toRedact(redact);

  // Apart from what handles the request: closures of one function keep what any of them refers to.
  const lineAfter = (facts: RequestFacts) =>
    new CallbacksForAll((outcome) => (sink ?? console.log)(write(toEntry(facts, outcome))));

  return (next) => {
    const logged: FetchHandler<Rest> = (request, ...rest) => {
      const facts = factsOf(request, addressOf(remote, request, ...rest), isSecret);
      currentHandling()?.add(lineAfter(facts));
      return next(request, ...rest);
    };
    const alone = wrapHandler(logged, hostOf);
    // Whoever handles the request already knows more of the platform, and hands the response over.
    return (request, ...rest) => (currentHandling()?.answers(request) ? logged : alone)(request, ...rest);
  };
}

/** What the handler says, and not what `remote` takes of it. (`NoInfer` would want it to take all of them.) */
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

/** By `@hono/node-server`'s `outgoing` Node tells the end; elsewhere the body does. */
function hostOf(request: Request, ...rest: readonly unknown[]): HostSignals {
  const { method } = request;
  const waitUntil = waitUntilOf(request, rest);
  const outgoing = outgoingOf(rest[0]);
  if (outgoing) return new NodeSignals(outgoing, method, waitUntil);
  // Deno warns who asks for the signal.
  if (onDeno) return { method, waitUntil };
  const { gone, left } = signalsOfRequest(request);
  return { method, waitUntil, gone, left };
}

/** The `waitUntil` of what a platform gives: a context, an event, srvx's request. */
function waitUntilOf(request: Request, rest: readonly unknown[]): WaitUntilFunction | undefined {
  const carriers = [...rest, request] as (Partial<WaitUntilObject> | null | undefined)[];
  const carrier = carriers.find((each) => typeof each?.waitUntil === "function");
  return carrier ? toWaitUntil(carrier as WaitUntilObject) : undefined;
}
