/**
 * The moment that was watched, and therefore what `bytes` and `duration` speak of.
 *
 * - `"handed-over"`: the runtime was given the response; nothing later could be seen (null bodies, `HEAD`).
 * - `"pulled"`: the runtime read the body to where it ended. What it has read may still be in its buffers.
 * - `"flushed"`: the server passed the last byte to the operating system.
 *
 * No value means "delivered": nothing short of an answer from the client can know that.
 */
export type Observed = "handed-over" | "pulled" | "flushed";

/** Whether anything of the body had been handed over when the response ended early. */
export type Phase = "before-body" | "mid-body";

/** What was asked; copied, for some runtimes take a request away after its response. */
export interface RequestFacts {
  /** `GET`, `HEAD`, … */
  readonly method: string;
  /** The whole of it. */
  readonly url: string;
}

/** What every {@linkcode Outcome} tells, however the response ended. */
export interface OutcomeFacts {
  /** The response that ended. After an abandoned response a stand-in: same status and headers, no body. */
  readonly response: Response;
  /** Bytes of body handed over, counted before any content encoding by the server. */
  readonly bytes: number;
  /** Pieces in which the body was handed over, of at most 64 KiB (256 KiB on Workers). */
  readonly chunks: number;
  /** When the response was built, in ms since the epoch. */
  readonly startTime: number;
  /** When the first piece of the body was handed over, in ms since the epoch; absent when there was none. */
  readonly firstByteTime?: number;
  /** From `startTime` to the end, in ms, by a monotonic clock. */
  readonly duration: number;
  /** The moment that was watched. */
  readonly observed: Observed;
  /** For responses of a wrapped handler, while somebody listens to `responseFinished`: what they answer. */
  readonly request?: RequestFacts;
}

/** The body was read to its end, or there was none to read. */
export interface Completed extends OutcomeFacts {
  /** Tells it from the other two. */
  readonly type: "completed";
}

/** The reader gave up: the client left, the server timed out, or nobody ever read the response. */
export interface Canceled extends OutcomeFacts {
  /** Tells it from the other two. */
  readonly type: "canceled";
  /**
   * Always an `Error`: a platform's reason of another kind is its `cause`.
   *
   * Its name is `AbandonedError` for a response that was built and then never read to its end nor canceled. That is
   * noticed when the body is garbage-collected, so it comes late and, as collection is never promised, may not come at
   * all.
   */
  readonly reason: Error;
  /** Whether some of the body had been handed over. */
  readonly phase: Phase;
  /** Present with `onCancel: "drain"`: what the source still gave after the cancel. */
  readonly drained?: Drained;
}

/** The body's source failed. */
export interface Errored extends OutcomeFacts {
  /** Tells it from the other two. */
  readonly type: "errored";
  /** What the source threw, unchanged. */
  readonly error: unknown;
  /** Whether some of the body had been handed over. */
  readonly phase: Phase;
}

/** How a response ended. Tell the cases apart by `type`. */
export type Outcome = Completed | Canceled | Errored;

/** What was read from the source after the client had left. */
export interface Drained {
  /** Bytes read after the cancel. */
  readonly bytes: number;
  /** `true` when the source came to its end, `false` when `drainLimit` stopped the reading first. */
  readonly whole: boolean;
}

/** How much may be read from the source after the client has left. */
export interface DrainLimit {
  /** Bytes; default 16 MiB. */
  readonly bytes?: number;
  /** Milliseconds; default 30,000. */
  readonly ms?: number;
}

/** An `Error` that says by its name what happened, as the platform's own do. */
export function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { name });
}

/** Makes an `Error` of any cancel reason; one that already is an `Error` stays itself. */
export function toReason(reason: unknown): Error {
  // Measured reasons: undefined (Node, workerd), an AbortError (Bun), the string "resource closed" (Deno).
  try {
    if (reason instanceof Error) return reason;
  } catch {
    // A Proxy that throws at every question: whatever it is, the response ends.
  }
  return named("AbortError", "The response was canceled before its end", reason);
}
