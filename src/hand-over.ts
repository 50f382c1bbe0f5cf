import type { Callbacks } from "./callbacks.ts";
import { type End, HANDED_OVER, openEnding } from "./ending.ts";
import { track } from "./in-flight.ts";
import { type ResponseThenOptions, toSettings } from "./options.ts";
import { named, type Observed } from "./outcome.ts";
import { ResponseThen } from "./response-then.ts";
import { joinScope, type Scope, scopeIsWhole } from "./scope.ts";
import { type State, stateOf, stateOfBody } from "./state.ts";
import { toWaitUntil, type WaitUntil } from "./wait-until.ts";
import type { Next } from "./watched-body.ts";

/** A body as an adapter carries it: it reads piece by piece to the end, and then calls one of the other two. */
export interface CarriedBody {
  /** The whole content, where it is fixed. */
  readonly fixed: Uint8Array<ArrayBuffer> | undefined;
  /** The next piece, its end, or `undefined` after a cancel. Rejects with the source's error. */
  next(): Promise<Next>;
  /** The runtime has all of it. */
  complete(observed?: Observed): void;
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
  /** Carries a body to the runtime by better means than a JavaScript stream; `undefined` leaves it one. */
  readonly carry?: (body: CarriedBody) => ReadableStream | Uint8Array<ArrayBuffer> | undefined;
  /** How long a response may stay unread before it counts as abandoned, in ms; for platforms that stop waiting. */
  readonly patience?: number;
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
  if (!body || response.bodyUsed || response.body?.locked) return response;
  const carried = platform.carry?.({
    fixed: body.fixed(),
    async next() {
      const next = await body.next(response);
      if (next && !next.done) body.handed(next.value);
      return next;
    },
    complete: (observed) => body.complete(response, observed),
    cancel: (reason) => void body.cancel(reason, response)?.catch(() => {}),
  });
  if (carried !== undefined) return new Response(carried, response);
  if (platform.patience !== undefined) abandonUnread(response, platform.patience);
  return response;
}

/** Ends a response that nobody has begun to read after `ms`. */
export function abandonUnread(response: Response, ms: number): void {
  const { body, ending, owner } = stateOf(response) ?? (stateOfBody(response) as State);
  if (!body) return;
  const timer = setTimeout(() => {
    const reason = named("AbandonedError", `Nobody began to read the response within ${ms} ms`);
    if (!body.begun()) body.release(reason, { type: "canceled", reason }, owner.response)?.catch(() => {});
  }, ms);
  ending.finished.then(() => clearTimeout(timer));
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
    openEnding(callbacks, toSettings(options));
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
    const ending = openEnding(this.#callbacks, settings);
    settings.waitUntil?.(ending.finished);
    track(ending.finished);
    ending.end({ type: "errored", observed: "handed-over", error }, new Response(null, { status: 500 }));
  }
}
