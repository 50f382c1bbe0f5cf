import { type End, HANDED_OVER } from "./ending.ts";
import { named, type Observed } from "./outcome.ts";
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
  /** How long the runtime may take to begin to read what it was given, in ms; for platforms that do not wait for ever. */
  readonly readWithin?: number;
  /** How long a response that seems dropped may stay unread before it counts as abandoned, in ms; default 5,000. */
  readonly patience?: number;
}

/**
 * The door for adapters: the request is answered, the runtime gets `response` now. Returns what to send instead.
 *
 * A response that no reader will ever end, because it has no body or the request was a `HEAD`, ends here: its callbacks
 * run with `observed: "handed-over"`, and a body that nobody will read is canceled. Other responses of the scope were
 * dropped on the way out, and end too. A response that is not ours comes back untouched.
 */
export function handOver(response: Response, platform: Platform, scope: Scope): Response {
  // Looked at only with a reason: on Bun and Deno a plain response is no longer itself once its body was touched.
  const look = scope.built.length > 0 || !scopeIsWhole();
  const state = stateOf(response) ?? (look ? stateOfBody(response.body) : undefined);
  const empty = (look || state !== undefined) && response.body === null;
  const unread = empty || platform.method === "HEAD";
  closeScope(scope, state, (dropped, canceled) => drop(dropped, response, platform, unread, canceled));
  if (state === undefined) return response;
  // For a wrapped handler around this one.
  joinScope(state);
  if (!state.leased && platform.waitUntil !== undefined) {
    toWaitUntil(platform.waitUntil)(state.ending.finished);
    state.leased = true;
  }
  // A middleware may have re-wrapped the body: the outcome tells of the response that really goes out.
  state.owner.response = response;
  if (!unread) return carry(response, state, platform);
  // To a HEAD the runtime sends no body, but tells the length of a fixed one.
  const fixed = (platform.carry && state.body?.fixed()) ?? null;
  endUnread(state);
  return empty ? response : new Response(fixed, response);
}

function carry(response: Response, state: State, platform: Platform): Response {
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
  if (platform.readWithin !== undefined) abandonUnread(state, platform.readWithin);
  return response;
}

function drop(
  state: State,
  sent: Response,
  { error, patience = 5_000 }: Platform,
  unread: boolean,
  canceled: End | undefined,
): void {
  if (error !== undefined) endErrored(state, error);
  else if (unread) {
    // Only a head goes out, such as the 304 that a middleware made of it: that is how it ended.
    state.owner.response = sent;
    endUnread(state);
  } else if (canceled) state.ending.end(canceled, state.owner.response);
  else if (state.body) {
    // Not at once: what is sent may still begin to read it, as a stream does that takes its source late.
    abandonUnread(state, patience);
  } else {
    const reason = named("AbandonedError", "Another response was sent");
    state.ending.end({ type: "canceled", observed: "handed-over", reason }, state.owner.response);
  }
}

/** The handler threw, and the runtime answers: all that was built for the request ends with the error. */
export function handlerThrew(error: unknown, scope: Scope): void {
  closeScope(scope, undefined, (state) => endErrored(state, error));
}

/** Ends a response that nobody has begun to read after `ms`. */
export function abandonUnread({ body, ending, owner }: State, ms: number): void {
  if (!body) return;
  const timer = setTimeout(() => {
    const reason = named("AbandonedError", `Nobody began to read the response within ${ms} ms`);
    const end: End = { type: "canceled", observed: "handed-over", reason };
    if (!body.begun()) body.release(reason, end, owner.response)?.catch(() => {});
  }, ms);
  ending.finished.then(() => clearTimeout(timer));
}

/** @param drop Gets a cancel from before the request was answered, such as etag() makes for a 304. */
function closeScope(scope: Scope, sent: State | undefined, drop: (state: State, canceled?: End) => void): void {
  scope.closed = true;
  for (const state of scope.built) {
    const canceled = state.ending.letGo();
    // A body in somebody's hands ends by itself: a middleware pipes it into what it sends.
    if (state !== sent && !state.adopted && !state.stream?.locked) drop(state, canceled);
    else if (canceled) state.ending.end(canceled, state.owner.response);
  }
}

function endUnread(state: State): void {
  endWithout(state, HANDED_OVER);
}

function endErrored(state: State, error: unknown): void {
  endWithout(state, { type: "errored", observed: "handed-over", error });
}

function endWithout({ ending, body, owner }: State, end: End): void {
  body?.release(new Error("Nobody reads the body of this response"), end, owner.response)?.catch(() => {});
  // For a response without a body, or with one that a middleware has canceled; otherwise it is told by now.
  ending.end(end, owner.response);
}
