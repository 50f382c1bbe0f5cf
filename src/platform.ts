import type { CarriedBody } from "./carried-body.ts";
import { type End, HANDED_OVER } from "./end.ts";
import type { Unwatched } from "./scope.ts";
import type { State } from "./state.ts";
import { toWaitUntil, type WaitUntil } from "./wait-until.ts";

/** What an adapter knows of the request that a response answers. */
export interface Platform {
  /** The request's method, as the client sent it. */
  readonly method: string;
  /** Keeps the platform alive for responses that were built without a `waitUntil` of their own. */
  readonly waitUntil?: WaitUntil | undefined;
  /**
   * Tells once that the operating system has the last byte of what was sent, or with a reason that the connection ended
   * before: the server's better signal. It is asked when the response is handed over, and may tell at once.
   */
  flushed?(listener: (reason?: Error) => void): void;
  /** Tells once that the runtime is done with the response, however that went; for what no body tells. */
  over?(listener: () => void): void;
  /** Why the client is known to have left already, when the response is handed over. */
  gone?(): unknown;
  /** How it takes fixed bodies, where it needs nobody to watch them. */
  readonly unwatched?: Unwatched | undefined;
  /** Carries a body to the runtime by better means than a JavaScript stream; `undefined` leaves it one. */
  readonly carry?: (body: CarriedBody) => ReadableStream | Uint8Array<ArrayBuffer> | undefined;
  /** How long the runtime may take to begin to read what it was given, in ms; for platforms that do not wait for ever. */
  readonly readWithin?: number;
  /** How long a response that seems dropped may stay unread before it counts as abandoned, in ms; default 5,000. */
  readonly patience?: number;
}

/** Keeps the platform alive for the callbacks of a response, once. */
export function lease(state: State, { waitUntil }: Platform): void {
  if (state.leased || waitUntil === undefined) return;
  state.leased = true;
  toWaitUntil(waitUntil)(state.ending.finished);
}

/** The platform tells the end of what is sent: all of it, or what the body does not tell. */
export function endByPlatform({ ending, body, owner }: State, platform: Platform, unread = false): void {
  const watched = body && !unread ? body : undefined;
  if (platform.flushed) {
    ending.waitForFlush();
    platform.flushed((reason) => {
      if (reason === undefined) ending.end({ type: "completed", observed: "flushed" }, owner.response);
      // By the body where it is still open: it has a source to cancel, or to read on.
      else if (watched && !watched.over) watched.cancel(reason, owner.response)?.catch(() => {});
      else ending.end({ type: "canceled", reason }, owner.response);
    });
  } else if (platform.over) {
    platform.over(() => {
      if (!watched) ending.end(HANDED_OVER, owner.response);
      else if (!watched.over) setTimeout(() => watched.cancel(undefined, owner.response)?.catch(() => {}), LATE);
    });
  } else if (!watched) ending.end(HANDED_OVER, owner.response);
}

/** How long a body may stay open when the runtime is done with its response, in ms: until it is told of that too. */
const LATE = 1_000;

/** Ends a response of which only the head is sent. */
export function endUnread(state: State, platform: Platform): void {
  endByPlatform(state, platform, true);
  release(state, HANDED_OVER);
}

/** Nobody will read the body: its source is canceled. */
export function release({ body, owner }: State, end: End): void {
  body?.release(new Error("Nobody reads the body of this response"), end, owner.response)?.catch(() => {});
}
