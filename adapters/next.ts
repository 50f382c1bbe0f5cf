/**
 * response-then for route handlers of Next.js: the class keeps the server alive through `after()`, and
 * `withResponseThen` wraps a handler.
 *
 * @module
 */
import { after } from "next/server.js";
import {
  abandonUnread,
  expected,
  type FetchHandler,
  type HostSignals,
  lifecycleOf,
  signalsOfRequest,
  wrapHandler,
} from "../src/exchange/index.ts";
import {
  type Callbacks,
  ResponseThen as CoreResponseThen,
  type ResponseThenInit,
  type ResponseThenOptions,
  type WaitUntil,
} from "../src/index.ts";

export * from "../src/index.ts";

/** How long after Next has closed the response somebody may still begin to read its body, in ms. */
const CLOSED = 500;

/**
 * The `ResponseThen` of Next's route handlers: the server, or the host's function, stays alive until the callbacks have
 * settled, through Next's `after()`. If nobody has begun to read the body half a second after Next has closed the
 * response (a `HEAD`, or a client that left before the answer), the response ends as canceled, with an
 * `AbandonedError`, and its body is left to whoever may still read it. Outside a request, as in a test that calls the
 * handler, it works like the plain class.
 *
 * @example app/hello/route.ts
 * ```ts
 * import { ResponseThen } from "response-then/next";
 *
 * export function GET() {
 *   return new ResponseThen("Hello", (outcome) => console.log(outcome.type));
 * }
 * ```
 */
export class ResponseThen extends CoreResponseThen {
  /** Next's `after()`, called when the response is built. Outside a request nobody waits. */
  static override readonly waitUntil: WaitUntil = keepAlive;

  /** As in the plain class. */
  constructor(
    body: ConstructorParameters<typeof Response>[0],
    callback: Callbacks,
    init?: ResponseThenInit,
    options?: ResponseThenOptions,
  ) {
    super(body, callback, init, options);
    endUnread(this);
  }
}

/**
 * Wraps a route handler. A `HEAD`, whose body Next never reads, and responses without a body end when Next gets them
 * (`observed: "handed-over"`). A response that the handler built and did not send ends 5 s after the end of the one
 * that was sent. If `request.signal` tells that the client left before the answer, the response is canceled at once.
 *
 * `redirect()`, `notFound()`, `forbidden()` and `unauthorized()` throw, but they are answers. Next gets what they
 * threw, and `callback` is told of a completed response: a stand-in with their status and `location`.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example app/report/route.ts
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/next";
 *
 * export const GET = withResponseThen(
 *   () => new ResponseThen("Hello", () => console.log("after this one")),
 *   (outcome) => console.log("after every one", outcome.type, outcome.response.status),
 * );
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: Next's request and the route's context have narrower types
export function withResponseThen<T extends (request: any, ...rest: any[]) => Response | Promise<Response>>(
  handler: T,
  callback?: Callbacks,
): T {
  if (typeof handler !== "function") throw expected("handler", "a route handler", handler);
  const answer = wrapHandler<[interruption: Interruption, ...unknown[]]>(
    async (request, interruption, ...rest) => {
      try {
        return await (handler as FetchHandler)(request, ...rest);
      } catch (error) {
        const answered = answerOf(error);
        if (!answered) throw error;
        interruption.error = error;
        return answered;
      }
    },
    hostOf,
    callback,
  );
  const route: FetchHandler = async (request, ...rest) => {
    const interruption: Interruption = { error: undefined };
    const response = await answer(request, interruption, ...rest);
    if (interruption.error) throw interruption.error;
    // The class of this file has already done so in its constructor.
    if (!(response instanceof ResponseThen)) endUnread(response);
    return response;
  };
  return route as T;
}

/** What a handler threw so that Next answers. */
interface Interruption {
  error: unknown;
}

/** The answer that Next makes of what `redirect()` and the like throw; `undefined` for any other error. */
function answerOf(error: unknown): Response | undefined {
  const { digest } = (error ?? {}) as { digest?: unknown };
  const [name, ...parts] = typeof digest === "string" ? digest.split(";") : [];
  // The digest is NEXT_REDIRECT;replace;/a;b;307; or NEXT_HTTP_ERROR_FALLBACK;404, for example.
  const status = Number(parts.at(name === "NEXT_REDIRECT" ? -2 : 0));
  if (name === "NEXT_HTTP_ERROR_FALLBACK") return new Response(null, { status });
  if (name !== "NEXT_REDIRECT") return undefined;
  return new Response(null, { status, headers: { location: parts.slice(1, -2).join(";") } });
}

function hostOf(request: Request, ..._rest: readonly unknown[]): HostSignals {
  try {
    const { gone } = signalsOfRequest(request);
    return { method: request.method, waitUntil: keepAlive, gone };
  } catch {
    // For a static route Next passes a stand-in for the request, which throws when such members are read (Next 16.4.5).
    return { method: "GET", waitUntil: keepAlive };
  }
}

/**
 * Ends a response whose body Next leaves unread: Next neither reads nor cancels the body of a `HEAD`, nor one whose
 * client left before the answer.
 */
function endUnread(response: Response): void {
  const lifecycle = lifecycleOf(response) ?? lifecycleOf(response.body);
  if (lifecycle) keepAlive(() => abandonUnread(lifecycle, CLOSED));
}

/** Gives Next a promise to wait for, or a function to call when it has closed the response. */
function keepAlive(task: Promise<unknown> | (() => unknown)): void {
  try {
    after(task);
  } catch (error) {
    // Outside a request there is nothing to keep alive.
    if (!String(error).includes("outside a request scope")) throw error;
  }
}
