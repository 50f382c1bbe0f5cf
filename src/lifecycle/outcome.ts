// The outcome: how a response ended, in the words that users read. Also the reasons of a cancel, and how an end becomes
// an outcome.

/**
 * The moment that was seen. `bytes` and `duration` refer to it.
 *
 * - `"handed-over"`: the runtime got the response; no more was seen (null or small fixed bodies, `HEAD`).
 * - `"pulled"`: the runtime read the body to where it ended. What it has read may still be in its buffers.
 * - `"flushed"`: the server passed the last byte to the operating system, or the connection was lost before that.
 *
 * No value means "delivered": only an answer from the client could confirm that.
 */
export type Observed = "handed-over" | "pulled" | "flushed";

/** Whether a part of the body had been handed over when the response ended early. */
export type Phase = "before-body" | "mid-body";

/** The request that was answered. A copy, because on some runtimes a request cannot be read after its response. */
export interface RequestFacts {
  /** The method: `GET`, `HEAD`, … */
  readonly method: string;
  /** The full URL. */
  readonly url: string;
}

/** What every {@linkcode Outcome} says, however the response ended. */
export interface OutcomeFacts {
  /**
   * The response that ended: the one that was sent. If there is none any more, a stand-in without a body. After an
   * abandoned response the stand-in has the same status and headers. After a handler that threw it has status 500, or
   * 499 if the client had left.
   */
  readonly response: Response;
  /**
   * Bytes of the body that were handed over, counted before any content encoding by the server. 0 if nobody could count
   * them: some runtimes do not tell the length of a plain response that goes out untouched.
   */
  readonly bytes: number;
  /**
   * How many pieces the body was handed over in. It is cut into pieces of at most 64 KiB (256 KiB on Workers). Under an
   * adapter a fixed body may be one piece of any size, and on Node the pieces of a plain response are the writes of the
   * server.
   */
  readonly chunks: number;
  /** When the response was built, in ms since the epoch. */
  readonly startTime: number;
  /** When the first piece of the body was handed over, in ms since the epoch; absent if there was none. */
  readonly firstByteTime?: number;
  /** From `startTime` to the end, in ms, measured by a monotonic clock. */
  readonly duration: number;
  /** The moment that was seen. */
  readonly observed: Observed;
  /** The request that was answered. Present for a wrapped handler, while somebody listens to `responseFinished`. */
  readonly request?: RequestFacts;
  /** Present with `capture`: the first bytes of the body that were handed over. */
  readonly captured?: Captured;
}

/** The body was read to its end, or there was none to read. */
export interface Completed extends OutcomeFacts {
  /** Distinguishes it from the other two. */
  readonly type: "completed";
}

/** The reader gave up: the client left, the server timed out, or nobody ever read the response. */
export interface Canceled extends OutcomeFacts {
  /** Distinguishes it from the other two. */
  readonly type: "canceled";
  /**
   * Why the response was canceled; always an `Error`. If the platform gave a reason of another kind, that is the
   * `cause`. If the source or the handler failed because the client left, what it failed with is the `cause`.
   *
   * Its name is `AbandonedError` for a response that was neither read to its end nor canceled. Without an adapter this
   * is noticed when the body is garbage-collected: late, or never. For a response that was built in a wrapped handler
   * and not sent, it comes 5 s (on Lambda 1 s) after the end of what was sent.
   */
  readonly reason: Error;
  /**
   * Whether the producer of the body had stopped when the callbacks started: its `cancel()` had settled, its writer had
   * returned, or its generator had finished. `false` if it had not stopped within 5 s, or if nobody stopped it: the
   * body of a response that was not sent is left to whoever may still read it. It is also `false` if nobody knows, as
   * for a plain response on Node.
   */
  readonly released: boolean;
  /** Whether some of the body had been handed over. */
  readonly phase: Phase;
  /** Present with `onCancel: "consume"`: what was read from the source after the cancel. */
  readonly consumed?: Consumed;
}

/**
 * The body's source failed while the client was there, or the handler threw. The reader may be told of the source's
 * failure up to 20 ms later.
 */
export interface Errored extends OutcomeFacts {
  /** Distinguishes it from the other two. */
  readonly type: "errored";
  /** What the source or the handler threw, unchanged. */
  readonly error: unknown;
  /** Whether some of the body had been handed over. */
  readonly phase: Phase;
}

/** How a response ended. Its `type` says which case it is. */
export type Outcome = Completed | Canceled | Errored;

/** What was kept of a body. */
export interface Captured {
  /** A copy of the first bytes that were handed over, at most as many as `capture` says. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** `true` if these are all bytes that were handed over, `false` if there were more. */
  readonly whole: boolean;
}

/** What was read from the source after the client had left. */
export interface Consumed {
  /** Bytes read after the cancel. */
  readonly bytes: number;
  /** `true` if the source came to its end, `false` if `consumeLimit` or an error came first. */
  readonly whole: boolean;
}

/** How much may be read from the source after the client has left. */
export interface ConsumeLimit {
  /** Bytes; default 16 MiB. */
  readonly bytes?: number;
  /** Milliseconds; default 30,000. */
  readonly ms?: number;
}

/**
 * How a response ended, as reported by the module that saw it. By default `observed` is `"pulled"`, the `duration`
 * lasts until now, and the bytes are those that were counted as they were handed over.
 */
export type End = { observed?: Observed; duration?: number; response?: Response; counted?: Counted } & (
  | { type: "completed" }
  | { type: "canceled"; reason: Error; released?: boolean; consumed?: Consumed }
  | { type: "errored"; error: unknown }
);

/** How much of a body went out. */
export interface Counted {
  bytes: number;
  chunks: number;
  firstByteTime: number | undefined;
  /** Whether the server had yet to end the response. */
  open?: boolean;
}

/** The end of a response that is complete when it is handed over, because nobody reads a body. */
export const HANDED_OVER: End = { type: "completed", observed: "handed-over" };

/** Makes the outcome of an end. It assigns no member: a polluted `Object.prototype` may have a setter for it. */
export function toOutcome(end: End, facts: OutcomeFacts & Pick<End, "type">): Outcome {
  if (end.type === "completed") return facts as Completed;
  const phase = facts.bytes > 0 ? "mid-body" : "before-body";
  if (end.type === "errored") return { ...facts, type: end.type, phase, error: end.error };
  const { type, reason, released = true, consumed } = end;
  return { ...facts, type, phase, reason, released, ...(consumed && { consumed }) };
}

/** The reason of a response that nobody sent or read. */
export function abandoned(message: string): Error {
  return named("AbandonedError", message);
}

/** An `Error` whose name says what happened, as with the platform's own errors. */
export function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { name });
}

/** Makes an `Error` of any cancel reason. An `Error` is returned unchanged. */
export function toReason(reason: unknown): Error {
  // Measured reasons: undefined (Node, workerd), an AbortError (Bun), the string "resource closed" (Deno).
  try {
    if (reason instanceof Error) return reason;
  } catch {
    // A Proxy may throw on any access. The response ends all the same.
  }
  return named("AbortError", "The response was canceled before its end", reason);
}

/** The reason of a reader that left. Its `cause` is what the source or the handler failed with because of that. */
export function causedBy(reason: unknown, error: unknown): Error {
  const { name, message } = toReason(reason);
  return named(name, message, error);
}
