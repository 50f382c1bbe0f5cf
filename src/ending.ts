import { byteLengthOf } from "./byte-length.ts";
import { type Callbacks, runSteps, type Steps, toSteps } from "./callbacks.ts";
import { dispatch } from "./dispatch.ts";
import { type End, toOutcome } from "./end.ts";
import { land, takeOff } from "./in-flight.ts";
import type { Settings } from "./options.ts";
import type { Outcome, OutcomeFacts, RequestFacts } from "./outcome.ts";
import { listenerSteps, listening } from "./response-finished.ts";

/** From how many ms on a response takes a second lease. */
const LONG = 10_000;

/**
 * The state of one response: open, then ended with one {@linkcode Outcome}, then finished: its callbacks have settled. It must not refer to the response before the end: the registry that notices abandoned responses holds it.
 */
export class Ending {
  /** For the case that the response itself is gone when it ends. */
  head?: ResponseInit;
  /** What the response answers, where that is known. */
  request?: RequestFacts | undefined;
  readonly #settings: Settings;
  readonly #started: number = performance.now();
  readonly #startTime: number = Date.now();
  readonly #ended: Promise<Outcome>;
  #resolve!: (outcome: Outcome) => void;
  #firstByteTime: number | undefined;
  #bytes = 0;
  #chunks = 0;
  #outcome: Outcome | undefined;
  #rank = -1;
  #held = false;
  #heldBack: End | undefined;
  #flush = false;
  #running = 0;
  #settled = false;
  #landed = false;
  #whole: unknown;
  #finished: Promise<Outcome> | undefined;
  #finish: ((outcome: Outcome) => void) | undefined;

  /** @throws {TypeError} for callbacks that are none. */
  constructor(callbacks: Callbacks, settings: Settings) {
    this.#settings = settings;
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.add(callbacks);
    if (this.#running === 0 && listening()) this.add(() => {}); // Listeners run in the last callback's async context.
  }

  /** Fulfils when the callbacks have settled; never rejects. */
  get finished(): Promise<Outcome> {
    this.#finished ??= new Promise((resolve) => {
      this.#finish = resolve;
      if (this.#landed) resolve(this.#outcome as Outcome);
    });
    return this.#finished;
  }

  /** Adds callbacks, with settings of their own or the response's. After the others they run at once. */
  add(callbacks: Callbacks, settings: Settings = this.#settings): void {
    for (const steps of toSteps(callbacks)) {
      const added = this.#run(steps, settings);
      if (!this.#settled) continue;
      if (this.#landed) {
        this.#landed = false;
        takeOff();
      }
      this.#lease(added);
    }
  }

  /** A piece of the body was handed over. */
  handed(bytes: number): void {
    if (bytes > 0) this.#firstByteTime ??= this.#startTime + this.elapsed();
    this.#chunks++;
    this.#bytes += bytes;
  }

  /** A body of fixed content was handed over in one piece; its bytes are counted at the end. */
  handedWhole(content: unknown): void {
    this.#whole = content;
    this.#firstByteTime = Date.now();
  }

  /** Time since the response was built, in ms. */
  elapsed(): number {
    return performance.now() - this.#started;
  }

  /**
   * The response ended; `response` is missing where it was collected.
   *
   * The first end decides when the response ended. Until the callbacks are dispatched, a macrotask later, a worse end
   * replaces it: errored beats canceled beats completed. After that nothing changes it.
   */
  end(end: End, response?: Response): void {
    if (this.#held && end.type === "canceled") {
      this.#heldBack = { duration: this.elapsed(), ...end };
      return;
    }
    const rank = end.type === "completed" ? 0 : end.type === "canceled" ? 1 : 2;
    // Pulled, and not yet flushed: the server will tell.
    if (this.#rank >= rank || (this.#flush && rank === 0 && end.observed !== "flushed")) return;
    const before = this.#outcome;
    this.#rank = rank;
    if (this.#whole !== undefined) {
      this.#bytes = byteLengthOf(this.#whole);
      this.#chunks = this.#bytes > 0 ? 1 : 0;
    }
    const facts: OutcomeFacts & { firstByteTime?: number; request?: RequestFacts } = {
      response: response ?? before?.response ?? new Response(null, this.head),
      bytes: this.#bytes,
      chunks: this.#chunks,
      startTime: this.#startTime,
      duration: before?.duration ?? end.duration ?? this.elapsed(),
      observed: this.#flush ? "flushed" : (end.observed ?? "pulled"),
    };
    if (this.request) facts.request = this.request;
    if (this.#bytes > 0) facts.firstByteTime = this.#firstByteTime as number;
    this.#outcome = toOutcome(end, facts);
    if (before) return;
    // The first lease of a long stream may have run out.
    if (this.#outcome.duration > LONG) this.#lease(this.finished);
    dispatch(() => this.#dispatch());
  }

  /** The request is still being answered: a cancel is a middleware's doing now, and not yet the end. */
  hold(): void {
    this.#held = true;
  }

  /** The request is answered. Returns the cancel that was held back. */
  letGo(): End | undefined {
    this.#held = false;
    return this.#heldBack;
  }

  /** The server will tell when the last byte is flushed: that is the end, and not when it was pulled. */
  waitForFlush(): void {
    this.#flush = true;
  }

  /** Late: the first lease was taken when the response was built. */
  #lease(promise: Promise<unknown>): void {
    try {
      this.#settings.waitUntil?.(promise);
    } catch {
      // Too late for the platform (a service worker's event is over): the callbacks have what time is left.
    }
  }

  #dispatch(): void {
    this.#rank = 3;
    this.#resolve(this.#outcome as Outcome);
    if (this.#running === 0) this.#settle();
  }

  #run(steps: Steps, { timeout, onError }: Settings): Promise<void> {
    this.#running++;
    // A reaction runs in the async context in which it was attached, on every runtime and without an import.
    return this.#ended.then((outcome) => {
      const running = runSteps(steps, outcome, timeout, onError);
      const ran = () => {
        if (--this.#running === 0) this.#settle();
      };
      return running ? running.then(ran) : ran();
    });
  }

  #settle(): void {
    const listeners = this.#settled ? [] : listenerSteps();
    this.#settled = true;
    for (const steps of listeners) this.#run(steps, this.#settings);
    if (listeners.length > 0) return;
    this.#landed = true;
    this.#finish?.(this.#outcome as Outcome);
    land();
  }
}
