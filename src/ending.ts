import { Budget } from "./budget.ts";
import { runSteps, type Steps } from "./callbacks.ts";
import { type InFlight, track } from "./in-flight.ts";
import type { Settings } from "./options.ts";
import { type Drained, type Observed, type Outcome, type Phase, toReason } from "./outcome.ts";
import { listenerSteps } from "./response-finished.ts";
import { toWaitUntil, type WaitUntil, type WaitUntilFunction } from "./wait-until.ts";
import type { BodyObserver } from "./watched-body.ts";

/** What the constructor of a response was told, kept for the case that the response itself is gone when it ends. */
export type Head = { status?: number; statusText?: string; headers?: HeadersInit } | null | undefined;

type Draft =
  | { type: "completed"; observed: Observed }
  | { type: "canceled"; observed: Observed; reason: Error; phase: Phase; drained?: Drained }
  | { type: "errored"; observed: Observed; error: unknown; phase: Phase };

const RANK = { completed: 1, canceled: 2, errored: 3 };

/**
 * The state of one response: open, then ended with one {@linkcode Outcome}, then finished when its callbacks have
 * settled.
 *
 * The first ending reported decides when the response ended; until the callbacks are dispatched, a macrotask later, a
 * worse one replaces it: errored beats canceled beats completed. After that nothing changes it.
 *
 * It must not refer to the response before the end: it is held by the registry that notices abandoned responses.
 */
export class Ending implements BodyObserver, InFlight {
  /** Fulfils when the callbacks registered before the end have settled; never rejects. */
  readonly finished: Promise<Outcome>;

  readonly #settings: Settings;
  readonly #head: Head;
  readonly #startTime = Date.now();
  readonly #started = performance.now();
  readonly #ended: Promise<Outcome>;
  readonly #runs: Promise<void>[] = [];
  #end!: (outcome: Outcome) => void;
  #draft: Draft | undefined;
  #response: Response | undefined;
  #duration = 0;
  #dispatched = false;
  #bytes = 0;
  #chunks = 0;
  #firstByteTime: number | undefined;
  #budget: Budget | undefined;
  #settled = false;
  #leased: WaitUntilFunction | undefined;

  constructor(settings: Settings, head: Head) {
    this.#settings = settings;
    this.#head = head;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.finished = this.#ended.then((outcome) => this.#settle(outcome));
  }

  /**
   * Has the platform wait for the callbacks; once, with the response's own `waitUntil` or else with this one.
   *
   * @throws whatever the `waitUntil` throws.
   */
  lease(waitUntil?: WaitUntil): void {
    if (this.#leased) return;
    const own = this.#settings.waitUntil ?? (waitUntil && toWaitUntil(waitUntil));
    if (own === undefined) return;
    own(this.finished);
    this.#leased = own;
  }

  handed(bytes: number): void {
    if (this.#chunks === 0) this.#firstByteTime = this.#startTime + this.#elapsed();
    this.#chunks++;
    this.#bytes += bytes;
  }

  completed(response: Response | undefined, observed: Observed = "pulled"): void {
    this.#propose({ type: "completed", observed }, response);
  }

  canceled(response: Response | undefined, reason: unknown, drained?: Promise<Drained>): void {
    const draft = { type: "canceled", observed: "pulled", reason: toReason(reason), phase: this.#phase } as const;
    if (drained === undefined) {
      this.#propose(draft, response);
      return;
    }
    // The response ended when its reader left, whatever the source still gives.
    const duration = this.#elapsed();
    drained.then(
      (drained) => this.#propose({ ...draft, drained }, response, duration),
      (error) => this.errored(response, error),
    );
  }

  errored(response: Response | undefined, error: unknown): void {
    this.#propose({ type: "errored", observed: "pulled", error, phase: this.#phase }, response);
  }

  /** Adds a callback. Once the others have settled it runs at once, with a budget of its own. */
  add(steps: Steps): void {
    if (this.#settled) {
      this.#addLate(steps);
      return;
    }
    // A reaction runs in the async context in which it was attached, on every runtime and without an import.
    this.#runs.push(this.#ended.then((outcome) => this.#run(steps, outcome, this.#budget as Budget)));
  }

  #addLate(steps: Steps): void {
    const budget = new Budget(this.#settings.timeout);
    const finished = this.#ended.then((outcome) => this.#run(steps, outcome, budget)).then(() => budget.close());
    track({ finished, abort: (reason) => budget.abort(reason) });
    try {
      this.#leased?.(finished);
    } catch {
      // Too late for the platform (a service worker's event is over): the callback has what time is left.
    }
  }

  #run(steps: Steps, outcome: Outcome, budget: Budget): Promise<void> {
    return runSteps(steps, outcome, budget, this.#settings.onError);
  }

  abort(reason: unknown): void {
    this.#budget?.abort(reason);
  }

  get #phase(): Phase {
    return this.#chunks === 0 ? "before-body" : "mid-body";
  }

  #elapsed(): number {
    return performance.now() - this.#started;
  }

  #propose(draft: Draft, response: Response | undefined, duration = this.#elapsed()): void {
    if (this.#dispatched) return;
    if (this.#draft === undefined) {
      this.#duration = duration;
      // Not sooner: in the final pull, and on some servers in a microtask or in setImmediate, a callback that blocks
      // would keep the last bytes from the client (decisions/002).
      setTimeout(() => this.#dispatch(), 0);
    } else if (RANK[draft.type] <= RANK[this.#draft.type]) return;
    this.#draft = draft;
    this.#response ??= response;
  }

  #dispatch(): void {
    this.#dispatched = true;
    this.#end({
      ...(this.#draft as Draft),
      response: this.#response ?? standIn(this.#head),
      bytes: this.#bytes,
      chunks: this.#chunks,
      startTime: this.#startTime,
      ...(this.#firstByteTime !== undefined && { firstByteTime: this.#firstByteTime }),
      duration: this.#duration,
    });
  }

  async #settle(outcome: Outcome): Promise<Outcome> {
    this.#budget = new Budget(this.#settings.timeout);
    // The list grows while a callback adds callbacks.
    for (let i = 0; i < this.#runs.length; i++) await this.#runs[i];
    this.#budget.close();
    this.#settled = true;
    const listeners = listenerSteps();
    if (listeners.length > 0) {
      const budget = new Budget(this.#settings.timeout);
      this.#budget = budget;
      await Promise.all(listeners.map((steps) => this.#run(steps, outcome, budget)));
      budget.close();
    }
    return outcome;
  }
}

function standIn(head: Head): Response {
  const { status, statusText, headers } = head ?? {};
  try {
    return new Response(null, { status, statusText, headers } as ResponseInit);
  } catch {
    // A status that a platform accepts only with more than a head: 101 and its socket.
    return new Response(null);
  }
}
