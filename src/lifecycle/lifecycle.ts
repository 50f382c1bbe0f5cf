// The lifecycle of one response. It is open until the response ends, ended for a macrotask or longer, dispatched while
// its callbacks run, and settled when they have settled. Only this folder writes its fields.
import { READ_ON } from "../expected.ts";
import { startTimeout } from "../runtime.ts";
import { Facts } from "./facts.ts";
import { abandoned, causedBy, type End, type Outcome, type RequestFacts, toOutcome } from "./outcome.ts";
import { nextMacrotask } from "./process.ts";
import { Reactions } from "./reactions.ts";

/** How long callbacks wait for the producer of a body to stop after the reader has left, in ms. */
const STOPPING = 5_000;

const RANK = { completed: 0, canceled: 1, errored: 2 } as const;

/** The source of a body, as far as it is used when the body's stream is collected. */
interface Cancelable {
  cancel(reason: unknown): Promise<void>;
}

/** What the registry holds of an open body. It is emptied at the end, because V8's scavenger never frees it. */
interface Guard {
  lifecycle: Lifecycle | undefined;
  /** `undefined` while a read is pending, because a pending read leads to the stream. */
  source: Cancelable | undefined;
}

/**
 * One response, from its construction until its callbacks have settled. While somebody may still read a watched body,
 * this must not lead to the response or its stream. The registry that notices abandoned responses holds it, and would
 * keep them alive.
 */
export class Lifecycle extends Reactions {
  /** How many open lifecycles have given their body to somebody, who may have made another response of it. */
  static asked = 0;
  static readonly #registry =
    typeof FinalizationRegistry === "function"
      ? new FinalizationRegistry<Guard>(({ lifecycle }) => (lifecycle ? lifecycle.#collected() : undefined))
      : undefined;

  readonly facts: Facts = new Facts();
  /** Whether its end is held back: the request being answered may still send it, or another response instead. */
  #holding = false;
  /** Fulfils when the producer of the body has stopped. */
  #stopping: Promise<unknown> | undefined;
  #claimed = false;
  /** Whether somebody has begun to read its watched body. */
  #begun = false;
  #asked = false;
  #awaitsFlush = false;
  #guard: Guard | undefined;

  /** Whether an exchange sends it. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** Whether it has ended and its callbacks are not dispatched yet. */
  get ended(): boolean {
    return this.phase === "ended";
  }

  /** Whether somebody has begun to read its body, or it has ended. */
  get begun(): boolean {
    return this.#begun || this.facts.begun || this.ended;
  }

  /** Whether somebody has taken the stream of its body. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Records that somebody takes the stream of its body. */
  ask(): void {
    if (this.#asked || this.told) return;
    this.#asked = true;
    Lifecycle.asked++;
  }

  /** From now on, if `stream` is collected before its end, this ends as canceled, and `source` is canceled. */
  guard(stream: object, source: Cancelable): void {
    this.#guard = { lifecycle: this, source };
    Lifecycle.#registry?.register(stream, this.#guard, this.#guard);
  }

  /** Sets what to cancel if the stream is collected; `undefined` while a read is pending. */
  guarded(source: Cancelable | undefined): void {
    this.#begun ||= source === undefined;
    if (this.#guard) this.#guard.source = source;
  }

  /** The body is over: nothing happens any more when its stream is collected. */
  unguard(): void {
    const guard = this.#guard;
    if (!guard) return;
    this.#guard = guard.lifecycle = guard.source = undefined;
    Lifecycle.#registry?.unregister(guard);
  }

  #collected(): void {
    const reason = abandoned(`The response was never read to its end nor canceled${READ_ON}`);
    this.release(reason);
    // Its producer is not waited for: Workers have no timers in a callback of the registry.
    this.end({ type: "canceled", reason, released: false });
  }

  /** Cancels the source, because nobody will read the body. */
  release(reason: Error): void {
    this.#guard?.source?.cancel(reason).catch((error) => this.failed(error));
    this.unguard();
  }

  /** Holds its end back, because it is built while a request is being answered. */
  hold(): void {
    this.#holding = true;
  }

  /** Undoes `hold()`: the request was answered or does not send it. It now ends as its body does. */
  letGo(): void {
    if (!this.#holding) return;
    this.#holding = false;
    if (this.ended) this.#dispatchSoon();
  }

  /** Ends it with `outcome`, as the response that it went into has ended. */
  follow(outcome: Outcome): void {
    if (this.#claimed) return;
    // Somebody else still reads it, so it ends as its body does.
    if (this.phase === "open" && this.begun) {
      this.letGo();
      return;
    }
    if (this.#holding) this.outcome = undefined;
    this.#holding = false;
    const { response, bytes, chunks, firstByteTime, startTime } = outcome;
    const duration = this.facts.until(startTime, outcome.duration);
    this.end({ ...outcome, response, duration, counted: { bytes, chunks, firstByteTime } });
  }

  /**
   * An exchange sends it, as the answer to `request`.
   *
   * @param copy Whether a clone is sent. What became of the original is then forgotten: the handler has read it.
   */
  claim(request: RequestFacts | undefined, copy = false): void {
    this.#claimed = true;
    if (copy) this.facts.restart();
    if (copy && this.ended && this.#holding) {
      this.outcome = undefined;
      this.phase = "open";
    }
    this.facts.setRequest(request);
    this.letGo();
  }

  /** From now on the end is the flush of the last byte, which the server will report, and no longer the last pull. */
  awaitFlush(): void {
    this.#awaitsFlush = true;
  }

  /** Whether the end is the flush of the last byte. */
  get awaitsFlush(): boolean {
    return this.#awaitsFlush;
  }

  /** Whether the reader has all of `content-length`. If so, leaving completes it, and no flush is awaited. */
  reached(headers: Headers | undefined, bytes?: number): boolean {
    const reached = this.facts.reaches(headers, bytes);
    if (reached) this.#awaitsFlush = false;
    return reached;
  }

  /**
   * The response has ended. The first end decides when. Until the callbacks are dispatched, a worse end replaces it:
   * errored takes precedence over canceled, and canceled over completed. After that nothing changes it.
   *
   * @param response Missing if it was collected.
   * @param stopping Fulfils when the producer of the body has stopped.
   */
  end(end: End, response?: Response, stopping?: Promise<unknown>): void {
    const before = this.outcome;
    const rank = RANK[end.type];
    if (this.told || (before && RANK[before.type] >= rank)) return;
    // Pulled, but not yet flushed: the server will report the flush.
    if (this.#awaitsFlush && rank === 0 && end.observed !== "flushed") return;
    const duration = before?.duration ?? end.duration ?? this.facts.elapsed();
    const observed = this.#awaitsFlush ? "flushed" : (end.observed ?? "pulled");
    this.outcome = toOutcome(end, this.facts.atEnd(end, response ?? before?.response, duration, observed));
    if (before) return;
    this.phase = "ended";
    this.#stopping = stopping;
    if (end.type === "errored") this.#holding = false;
    if (!this.#holding) this.#dispatchSoon();
  }

  /** The source failed while it was canceled. If the reader left, that stays the outcome, and `error` is its cause. */
  failed(error: unknown, response?: Response): void {
    const { outcome } = this;
    if (outcome?.type !== "canceled") this.end({ type: "errored", error }, response);
    else if (!this.told) (outcome as { reason: Error }).reason = causedBy(outcome.reason, error);
  }

  #dispatchSoon(): void {
    const go = () =>
      nextMacrotask(() => {
        if (this.#asked) Lifecycle.asked--;
        this.dispatch();
      });
    if (!this.#stopping) {
      go();
      return;
    }
    let waiting = true;
    const stopped = (released: boolean) => {
      if (!waiting) return;
      waiting = false;
      clearTimeout(timer);
      if (this.outcome?.type === "canceled") (this.outcome as { released: boolean }).released = released;
      go();
    };
    const timer = startTimeout(() => stopped(false), STOPPING);
    this.#stopping.then(() => stopped(true));
  }
}
