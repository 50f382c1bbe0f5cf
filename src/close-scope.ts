import type { End } from "./end.ts";
import { READ_ON } from "./expected.ts";
import { named } from "./outcome.ts";
import { endByPlatform, endUnread, lease, type Platform, release } from "./platform.ts";
import { leaveScope, type Scope } from "./scope.ts";
import type { State } from "./state.ts";

/** @param drop Gets a cancel from before the request was answered, such as etag() makes for a 304. */
export function closeScope(
  scope: Scope,
  sent: State | undefined,
  platform: Platform,
  drop: (state: State, canceled?: End) => void,
): void {
  scope.closed = true;
  for (const state of scope.built ?? []) {
    // What is not sent has callbacks too.
    lease(state, platform);
    const canceled = state.ending.letGo();
    // By a wrapped handler inside of this one, and its platform tells the end.
    const told = state.handedOver && (state.body?.over ?? true);
    // A body in somebody's hands ends by itself: a middleware pipes it into what it sends.
    if (state !== sent && !told && !state.adopted && !state.stream?.locked) drop(state, canceled);
    else if (canceled) state.ending.end(canceled, state.owner.response);
  }
}

/**
 * Ends a response that was built for the request, and is not what is sent.
 *
 * @param head What is sent, where that has no body.
 */
export function drop(state: State, head: Response | undefined, platform: Platform, canceled: End | undefined): void {
  const { patience = 5_000 } = platform;
  const { ending, owner, fixed } = state;
  if (head) {
    // Only a head goes out, such as the 304 that a middleware made of it: that is how it ended.
    owner.response = head;
    endUnread(state, platform);
  } else if (canceled) ending.end(canceled, owner.response);
  else if (fixed !== undefined && !state.body && owner.response?.bodyUsed) {
    // Its content went into what is sent.
    ending.handedWhole(fixed);
    endByPlatform(state, platform);
  } else if (fixed !== undefined || state.body) {
    // Not at once: what is sent may still begin to read it, as a stream does that takes its source late. (Looking at the
    // body of a fixed one makes it watched.)
    void owner.response?.body;
    abandonUnread(state, patience);
  } else {
    const reason = named("AbandonedError", `Another response was sent${READ_ON}`);
    ending.end({ type: "canceled", observed: "handed-over", reason }, owner.response);
  }
}

/** The handler threw, and the runtime answers: all that was built for the request ends with the error. */
export function handlerThrew(error: unknown, scope: Scope, platform: Platform): void {
  closeScope(scope, undefined, platform, (state) => endErrored(state, error));
  leaveScope(scope);
}

/** There is no response, as when a request of Bun became a WebSocket: what was built for it is dropped. */
export function handlerGaveNone(scope: Scope, platform: Platform): void {
  closeScope(scope, undefined, platform, (state, canceled) => drop(state, undefined, platform, canceled));
  leaveScope(scope);
}

/** Ends a response that nobody has begun to read after `ms`. */
export function abandonUnread({ body, ending, owner }: State, ms: number): void {
  if (!body) return;
  const timer = setTimeout(() => {
    const reason = named("AbandonedError", `Nobody began to read the response within ${ms} ms${READ_ON}`);
    const end: End = { type: "canceled", observed: "handed-over", reason };
    if (!body.begun) body.release(reason, end, owner.response)?.catch(() => {});
  }, ms);
  ending.finished.then(() => clearTimeout(timer));
}

export function endErrored(state: State, error: unknown): void {
  const end: End = { type: "errored", observed: "handed-over", error };
  release(state, end);
  // For a response without a body, or with one that a middleware has canceled; otherwise it is told by now.
  state.ending.end(end, state.owner.response);
}
