// The lifecycle of one response: open until it ends, ended until its callbacks are dispatched, a macrotask later, and
// settled when they have. Only this folder writes its fields.
import { READ_ON } from "../expected.ts";
import { startTimeout } from "../runtime.ts";
import { Facts } from "./facts.ts";
import { abandoned, causedBy, type End, type Outcome, type RequestFacts, toOutcome } from "./outcome.ts";
import { nextMacrotask } from "./process.ts";
import { Reactions } from "./reactions.ts";

/** How long the callbacks wait for the producer of a body to stop after its reader has left, in ms. */
const STOPPING = 5_000;

const RANK = { completed: 0, canceled: 1, errored: 2 } as const;

/** What a body is read from, as far as a collection needs it. */
interface Cancelable {
  cancel(reason: unknown): Promise<void>;
}

/** What the registry holds of an open body. Emptied at its end: V8's young collector keeps what it leads to. */
interface Guard {
  lifecycle: Lifecycle | undefined;
  /** Nothing while a read is pending, for that leads to the stream. */
  source: Cancelable | undefined;
}

/**
 * One response, from when it is built until its callbacks have settled. While somebody may still read a watched body it
 * must not lead to the response or its stream: the registry that notices abandoned ones holds it.
 */
export class Lifecycle extends Reactions {
  /** How many open ones have given their body to somebody, who may have made another response of it. */
  static asked = 0;
  static readonly #registry =
    typeof FinalizationRegistry === "function"
      ? new FinalizationRegistry<Guard>(({ lifecycle }) => (lifecycle ? lifecycle.#collected() : undefined))
      : undefined;

  readonly facts: Facts = new Facts();
  /** While a request is being answered that may be its own: how its body ends is not yet how it ends. */
  #holding = false;
  /** Fulfils when the producer of the body has stopped. */
  #stopping: Promise<unknown> | undefined;
  #claimed = false;
  /** Whether somebody has begun to read its watched body. */
  #begun = false;
  #asked = false;
  #awaitsFlush = false;
  #guard: Guard | undefined;

  /** Whether some exchange sends it. */
  get claimed(): boolean {
    return this.#claimed;
  }

  /** Whether it has ended, and its callbacks do not run yet. */
  get ended(): boolean {
    return this.phase === "ended";
  }

  /** Whether somebody has begun to read its watched body. */
  get begun(): boolean {
    return this.#begun || this.facts.begun || this.ended;
  }

  /** Whether somebody has taken the stream of its body. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Somebody takes the stream of its body. */
  ask(): void {
    if (this.#asked || this.told) return;
    this.#asked = true;
    Lifecycle.asked++;
  }

  /** From now on a stream that is collected unread, or in the middle, ends this as canceled, and cancels `source`. */
  guard(stream: object, source: Cancelable): void {
    this.#guard = { lifecycle: this, source };
    Lifecycle.#registry?.register(stream, this.#guard, this.#guard);
  }

  /** What a collection has to cancel now. */
  guarded(source: Cancelable | undefined): void {
    this.#begun ||= source === undefined;
    if (this.#guard) this.#guard.source = source;
  }

  /** The body is over. */
  unguard(): void {
    const guard = this.#guard;
    if (!guard) return;
    this.#guard = guard.lifecycle = guard.source = undefined;
    Lifecycle.#registry?.unregister(guard);
  }

  #collected(): void {
    const reason = abandoned(`The response was never read to its end nor canceled${READ_ON}`);
    this.release(reason);
    // Its producer is not waited for: where a response is collected, Workers have no timers.
    this.end({ type: "canceled", reason });
  }

  /** Nobody will read the body: only its head is sent. */
  release(reason: Error): void {
    this.#guard?.source?.cancel(reason).catch((error) => this.failed(error));
    this.unguard();
  }

  /** It was built while a request is being answered. */
  hold(): void {
    this.#holding = true;
  }

  /** The request was answered, or it is not its own: it ends as its body does. */
  letGo(): void {
    if (!this.#holding) return;
    this.#holding = false;
    if (this.ended) this.#dispatchSoon();
  }

  /** What it went into has ended, and so has it. */
  follow(outcome: Outcome): void {
    if (this.#claimed) return;
    // Somebody else still reads it: it ends as its body does.
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

  /** An exchange sends it, and says what it answers. */
  claim(request: RequestFacts | undefined): void {
    this.#claimed = true;
    this.facts.setRequest(request);
    this.letGo();
  }

  /** The server will tell when the last byte is flushed: that is the end, and not when it was pulled. */
  awaitFlush(): void {
    this.#awaitsFlush = true;
  }

  /** Whether it does, and the client may still not have all. */
  get awaitsFlush(): boolean {
    return this.#awaitsFlush;
  }

  /** Whether its reader has as many bytes as the headers say that there are; then its leaving is no cancel. */
  reached(headers: Headers | undefined, bytes?: number): boolean {
    const reached = this.facts.reaches(headers, bytes);
    if (reached) this.#awaitsFlush = false;
    return reached;
  }

  /**
   * The response ended. The first end decides when. Until the callbacks are dispatched a worse end replaces it: errored
   * beats canceled beats completed. After that nothing changes it.
   *
   * @param response Missing where it was collected.
   * @param stopping Fulfils when the producer of the body has stopped.
   */
  end(end: End, response?: Response, stopping?: Promise<unknown>): void {
    const before = this.outcome;
    const rank = RANK[end.type];
    if (this.told || (before && RANK[before.type] >= rank)) return;
    // Pulled, and not yet flushed: the server will tell.
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

  /** The source has failed when it was canceled. A reader that has left has left all the same. */
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
