// How a response ended, in the words that users read: the only place where they are spelled.

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
  /**
   * The response that ended: the one that was sent. A stand-in without a body where there is none any more: with the
   * same status and headers after an abandoned response, with status 500 after a handler that threw (499 where its client
   * had left).
   */
  readonly response: Response;
  /**
   * Bytes of body handed over, counted before any content encoding by the server. 0 where nobody could count them: of
   * a plain response that goes out untouched some runtimes do not tell its length.
   */
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
   * Always an `Error`: a platform's reason of another kind is its `cause`, and so is what the source, or the handler,
   * failed with because the client left.
   *
   * Its name is `AbandonedError` for a response that was built and then never read to its end nor canceled. That is
   * noticed when the body is garbage-collected, so it comes late and, as collection is never promised, may not come at
   * all; of a response that was built in a wrapped handler and not sent it is told 5 s after the end of what was sent.
   */
  readonly reason: Error;
  /**
   * Whether the producer of the body had stopped when the callbacks began: its `cancel()` had settled, its writer had
   * returned, its generator had finished. `false` after 5 s of waiting for that, and where nobody stopped it: the body
   * of a response that was not sent is left to whoever may still read it.
   */
  readonly released: boolean;
  /** Whether some of the body had been handed over. */
  readonly phase: Phase;
  /** Present with `onCancel: "consume"`: what the source still gave after the cancel. */
  readonly consumed?: Consumed;
}

/** The body's source failed while its client was there, or the handler did; the reader may be told up to 20 ms later. */
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
export interface Consumed {
  /** Bytes read after the cancel. */
  readonly bytes: number;
  /** `true` when the source came to its end, `false` when `consumeLimit` stopped the reading first. */
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
 * How a response ended, as the one who saw it says it: `observed` is `"pulled"` unless said, the `duration` lasts until
 * now unless said, and the bytes are those that the body counted unless said.
 */
export type End = { observed?: Observed; duration?: number; response?: Response; counted?: Counted } & (
  | { type: "completed" }
  | { type: "canceled"; reason: Error; released?: boolean; consumed?: Consumed }
  | { type: "errored"; error: unknown }
);

/** What went out of a body, counted. */
export interface Counted {
  bytes: number;
  chunks: number;
  firstByteTime: number | undefined;
  /** Whether the server had not been told the end of the body. */
  open?: boolean;
}

/** The end of a response that has no body to be read. */
export const HANDED_OVER: End = { type: "completed", observed: "handed-over" };

/** The outcome of an end: its `facts`, for what is completed. No member is assigned that Object.prototype may have. */
export function toOutcome(end: End, facts: OutcomeFacts & Pick<End, "type">): Outcome {
  if (end.type === "completed") return facts as Completed;
  const phase = facts.bytes > 0 ? "mid-body" : "before-body";
  if (end.type === "errored") return { ...facts, type: end.type, phase, error: end.error };
  const { type, reason, released = true, consumed } = end;
  return { ...facts, type, phase, reason, released, ...(consumed && { consumed }) };
}

/** Why a response that nobody sent or read has ended. */
export function abandoned(message: string): Error {
  return named("AbandonedError", message);
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

/** The reason of a reader that left, whose leaving made the source or the handler fail with `error`. */
export function causedBy(reason: unknown, error: unknown): Error {
  const { name, message } = toReason(reason);
  return named(name, message, error);
}
