import type { Callbacks } from "./callbacks.ts";
import { type End, HANDED_OVER, openEnding } from "./ending.ts";
import { track } from "./in-flight.ts";
import { type ResponseThenOptions, toSettings } from "./options.ts";
import { named } from "./outcome.ts";
import { ResponseThen } from "./response-then.ts";
import { joinScope, type Scope, scopeIsWhole } from "./scope.ts";
import { type State, stateOf, stateOfBody } from "./state.ts";
import { toWaitUntil, type WaitUntil } from "./wait-until.ts";
import type { Next } from "./watched-body.ts";

/** A body as an adapter reads it: piece by piece to the end, and then one of the other two. */
export interface CarriedBody {
  /** The next piece, its end, or `undefined` after a cancel. Rejects with the source's error. */
  next(): Next | Promise<Next>;
  /** The runtime has all of it. */
  complete(): void;
  /** The client left. */
  cancel(reason: unknown): void;
}

/** What an adapter knows of the request that a response answers. */
export interface Platform {
  /** The request's method, as the client sent it. */
  readonly method: string;
  /** Keeps the platform alive for responses that were built without a `waitUntil` of their own. */
  readonly waitUntil?: WaitUntil | undefined;
  /** What the handler threw, where a framework answers in its place. */
  readonly error?: unknown;
  /** Carries a body to the runtime by better means than a JavaScript stream, where the platform has them. */
  readonly carry?: (body: CarriedBody) => ReadableStream<Uint8Array>;
}

/**
 * The door for adapters: the request is answered, the runtime gets `response` now. Returns what to send instead.
 *
 * A response that no reader will ever end, because it has no body or the request was a `HEAD`, ends here: its callbacks
 * run with `observed: "handed-over"`, and a body that nobody will read is canceled. Other responses of the scope, which
 * were dropped on the way out, end here too. A response that is not ours comes back untouched.
 */
export function handOver(response: Response, platform: Platform, scope: Scope): Response {
  // Looked for by its body only with a reason: on Bun and Deno a plain response is no longer itself once that was touched.
  const mayBeRewrapped = scope.built.length > 0 || !scopeIsWhole();
  const state = stateOf(response) ?? (mayBeRewrapped ? stateOfBody(response) : undefined);
  const unread = platform.method === "HEAD" || (state !== undefined && response.body === null);
  closeScope(scope, state, endOfDropped(response, platform, unread), response);
  if (state === undefined) return response;
  // For a wrapped handler around this one.
  joinScope(state);
  if (!state.leased && platform.waitUntil !== undefined) {
    toWaitUntil(platform.waitUntil)(state.ending.finished);
    state.leased = true;
  }
  // A middleware may have re-wrapped the body: the outcome tells of the response that really goes out.
  state.owner.response = response;
  if (unread) {
    endUnread(state, HANDED_OVER);
    return response.body === null ? response : new Response(null, response);
  }
  const { body } = state;
  // Once it was read, only its stream has the rest of it.
  if (!platform.carry || !body || response.bodyUsed || response.body?.locked) return response;
  const carried = platform.carry({
    next: () => body.next(response),
    complete: () => body.complete(response),
    cancel: (reason) => body.cancel(reason, response)?.catch(() => {}),
  });
  return new Response(carried, response);
}

/** The handler threw, and the runtime answers: all that was built for the request ends with the error. */
export function handlerThrew(error: unknown, scope: Scope): void {
  closeScope(scope, undefined, { type: "errored", observed: "handed-over", error });
}

function endOfDropped(response: Response, { error }: Platform, unread: boolean): End {
  if (error !== undefined) return { type: "errored", observed: "handed-over", error };
  // Only a head goes out, such as the 304 that a middleware made of it: that is how it ended.
  if (unread || response.status === 304) return HANDED_OVER;
  return { type: "canceled", observed: "handed-over", reason: named("AbandonedError", "Another response was sent") };
}

function closeScope(scope: Scope, sent: State | undefined, end: End, response?: Response): void {
  scope.closed = true;
  for (const state of scope.built) {
    // A body in somebody's hands ends by itself: a middleware pipes it into what it sends.
    if (state === sent || state.stream?.locked) continue;
    if (response && end === HANDED_OVER) state.owner.response = response;
    endUnread(state, end);
  }
}

function endUnread({ ending, body, owner }: State, end: End): void {
  if (body) body.release(new Error("Nobody reads the body of this response"), end, owner.response)?.catch(() => {});
  else ending.end(end, owner.response);
}

/** Callbacks for many responses, checked once: what a wrapped handler or a middleware is given. */
export class SharedCallbacks {
  readonly #callbacks: Callbacks;
  readonly #options: ResponseThenOptions;

  /**
   * @param options For the responses that are not watched yet.
   * @throws {TypeError | RangeError} for callbacks that are none, and for bad options.
   */
  constructor(callbacks: Callbacks, options: ResponseThenOptions = {}) {
    openEnding(callbacks, toSettings(options), undefined);
    this.#callbacks = callbacks;
    this.#options = options;
  }

  /** Adds the callbacks to a response; one that is not watched yet becomes a `ResponseThen`. Send what comes back. */
  addTo(response: Response): Response {
    const ending = (stateOf(response) ?? stateOfBody(response))?.ending;
    if (ending === undefined) return ResponseThen.from(response, this.#callbacks, this.#options);
    ending.add(this.#callbacks);
    return response;
  }

  /** Runs the callbacks where a handler threw and the runtime answers by itself: errored, with a stand-in of status 500. */
  runWithout(error: unknown, platform: Platform): void {
    const settings = toSettings(this.#options, platform.waitUntil);
    const ending = openEnding(this.#callbacks, settings, { status: 500 });
    settings.waitUntil?.(ending.finished);
    track(ending.finished);
    ending.end({ type: "errored", observed: "handed-over", error });
  }
}
