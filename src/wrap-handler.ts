import type { Callbacks } from "./callbacks.ts";
import { handlerGaveNone, handlerThrew } from "./close-scope.ts";
import { expected, tagOf } from "./expected.ts";
import { handOver } from "./hand-over.ts";
import { stateOf } from "./late-body.ts";
import type { RequestFacts } from "./outcome.ts";
import type { Platform } from "./platform.ts";
import { requestFacts } from "./request-facts.ts";
import { onBun } from "./runtime.ts";
import { joinScope, openScope, runInScope, type Scope } from "./scope.ts";
import { NO_CALLBACKS, SharedCallbacks } from "./shared-callbacks.ts";
import { toWaitUntil } from "./wait-until.ts";

/** A function that answers requests; platforms give it further arguments (`env`, `ctx`, `info`). */
export type FetchHandler<Rest extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * The pattern that adapters share: answers as `handler` does, at once where that does, and hands every response over.
 *
 * @param platformOf What the adapter knows of one request.
 * @param callback Runs after every response of the handler, also when the handler throws.
 */
export function wrapHandler<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  platformOf: (request: Request, ...rest: Rest) => Platform,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  const shared = callback === undefined ? undefined : new SharedCallbacks(callback);
  // How often in a row the handler answered at once.
  let atOnce = 0;
  return (request, ...rest) => {
    const platform = platformOf(request, ...rest);
    const asked = requestFacts(request);
    const exchange = new Exchange(platform, shared ?? (asked && NO_CALLBACKS), asked);
    try {
      const answering = runInScope(exchange.scope, atOnce < OFTEN, handler, request, ...rest);
      if (typeof (answering as Promise<Response> | undefined)?.then !== "function") {
        atOnce++;
        exchange.scope.whole = true;
        return exchange.answer(answering as Response);
      }
      atOnce = Number.NEGATIVE_INFINITY;
      const promised = Promise.resolve(answering);
      // A platform may stop the handler when the client leaves, and the callback would never run.
      if (shared && platform.waitUntil) toWaitUntil(platform.waitUntil)(promised.catch(() => {}));
      return promised.then((answered) => exchange.answer(answered)).catch((error) => exchange.fail(error));
    } catch (error) {
      return exchange.fail(error);
    }
  };
}

/**
 * After so many answers at once nothing is carried across an `await` any more, until the handler does not answer at once:
 * `AsyncLocalStorage` costs 2 µs a request on Node, of 16, and 1 on Deno, of 8.
 */
const OFTEN = 1_000;

// The answer may be of another class: @hono/node-server has one of its own, and extends this one.
const NativeResponse = Response;

/** One request, and how it is answered. */
class Exchange {
  readonly scope: Scope;
  readonly #platform: Platform;
  readonly #shared: SharedCallbacks | undefined;
  #told = false;

  constructor(platform: Platform, shared: SharedCallbacks | undefined, asked: RequestFacts | undefined) {
    this.scope = openScope(platform.unwatched, asked);
    this.#platform = platform;
    this.#shared = shared;
  }

  /** What to send for what the handler answered. */
  answer(answered: Response): Response {
    // The handler has upgraded the request to a WebSocket.
    if (answered === undefined && onBun) {
      handlerGaveNone(this.scope, this.#platform);
      return answered;
    }
    if (!(answered instanceof NativeResponse) && tagOf(answered) !== "Response")
      throw expected("the handler's answer", "a Response", answered);
    const shared = this.#shared;
    const sent = shared?.addTo(answered, this.#platform.waitUntil, this.scope.request) ?? answered;
    this.#told = true;
    // Of this request too, wherever it was built: if the hand-over fails, it ends with the rest.
    const state = shared && stateOf(sent);
    if (state) joinScope(state, this.scope);
    return handOver(sent, this.#platform, this.scope);
  }

  /** Tells of what the handler threw, and throws it on. */
  fail(error: unknown): never {
    handlerThrew(error, this.scope, this.#platform);
    if (!this.#told) this.#shared?.runWithout(error, this.#platform.waitUntil, this.scope.request);
    throw error;
  }
}
