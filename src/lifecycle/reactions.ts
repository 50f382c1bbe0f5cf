// What runs after one response: its callbacks, each in the async context in which it was registered, then the listeners
// to all responses. It knows when all of them have settled.
import { type Callbacks, type Steps, toSteps } from "./callbacks.ts";
import type { ConsumeLimits, Settings } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { listenerSteps, listening, settle, track } from "./process.ts";
import { runSteps } from "./run.ts";

/** The callbacks that wait for one outcome. */
export class Reactions {
  readonly #settings: Settings;
  readonly #dispatched: Promise<Outcome>;
  #resolve!: (outcome: Outcome) => void;
  #running = 0;
  /** It is `ended` for at least a macrotask before it is `dispatched`. */
  protected phase: "open" | "ended" | "dispatched" | "settled" = "open";
  protected outcome: Outcome | undefined;
  #heard = false;
  /** Whether all callbacks have settled once, so that nobody waits for those that are added from now on. */
  #late = false;
  #kept: boolean;
  #finished: Promise<Outcome> | undefined;
  #finish: ((outcome: Outcome) => void) | undefined;

  /** @throws {TypeError} for invalid callbacks. */
  constructor(callbacks: Callbacks, settings: Settings) {
    this.#settings = settings;
    this.#kept = settings.chosen;
    this.#dispatched = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.add(callbacks);
    if (this.#running === 0 && listening()) this.add(() => {}); // Listeners run in the last callback's async context.
  }

  /** Makes the platform wait for it, and counts it as in flight, but not if the platform's `waitUntil` throws. */
  track(): void {
    this.#settings.waitUntil?.(this.finished);
    track();
  }

  /** How much is read after the reader left; `undefined` if the source is canceled. */
  get consumeLimits(): ConsumeLimits | undefined {
    return this.#settings.consumeLimits;
  }

  /** Whether the callbacks have been dispatched. */
  get told(): boolean {
    return this.phase === "dispatched" || this.phase === "settled";
  }

  /** Fulfils with the outcome when the callbacks are about to run. */
  get dispatched(): Promise<Outcome> {
    return this.#dispatched;
  }

  /** Fulfils with the outcome when the callbacks have settled; never rejects. */
  get finished(): Promise<Outcome> {
    this.#finished ??= new Promise((resolve) => {
      this.#finish = resolve;
      if (this.phase === "settled") resolve(this.outcome as Outcome);
    });
    return this.#finished;
  }

  /** Adds callbacks, with settings of their own or those of the response. After the dispatch they run at once. */
  add(callbacks: Callbacks, settings: Settings = this.#settings): void {
    for (const steps of toSteps(callbacks)) {
      if (this.phase === "settled") {
        this.phase = "dispatched";
        track();
      }
      const added = this.#run(steps, settings);
      if (this.#late) this.#extend(added);
    }
  }

  /** Unless the options have one, calls an exchange's `waitUntil` once too: tests wait for their `ctx`. */
  keepAlive(waitUntil: ((promise: Promise<unknown>) => unknown) | undefined): void {
    if (this.#kept || waitUntil === undefined) return;
    this.#kept = true;
    waitUntil(this.finished);
  }

  /** Starts the callbacks. */
  protected dispatch(): void {
    const outcome = this.outcome as Outcome;
    this.phase = "dispatched";
    // The platform may have stopped waiting during a long stream.
    if (outcome.duration > 10_000) this.#extend(this.finished);
    this.#resolve(outcome);
    if (this.#running === 0) this.#settle();
  }

  /** Asks the platform to wait once more. It was first asked when the response was built. */
  #extend(promise: Promise<unknown>): void {
    try {
      this.#settings.waitUntil?.(promise);
    } catch {
      // Too late for the platform (a service worker's event is over): the callbacks have only the time that is left.
    }
  }

  #run(steps: Steps, { timeout, onError }: Settings): Promise<void> {
    this.#running++;
    // A reaction runs in the async context in which it was attached, on every runtime and without an import.
    return this.#dispatched.then((outcome) => {
      const running = runSteps(steps, outcome, timeout, onError);
      const ran = () => {
        if (--this.#running === 0) this.#settle();
      };
      return running ? running.then(ran) : ran();
    });
  }

  #settle(): void {
    const listeners = this.#heard ? [] : listenerSteps();
    this.#heard = true;
    for (const steps of listeners) this.#run(steps, this.#settings);
    if (listeners.length > 0) return;
    this.phase = "settled";
    this.#late = true;
    this.#finish?.(this.outcome as Outcome);
    settle();
  }
}
