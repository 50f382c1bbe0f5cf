import { type Callbacks, KEYS, runSteps, type Steps, toSteps } from "./callbacks.ts";
import { track } from "./in-flight.ts";
import type { Settings } from "./options.ts";
import type { Drained, Observed, Outcome } from "./outcome.ts";
import { listenerSteps } from "./response-finished.ts";

/**
 * How a response ended, as the one who saw it says it: `observed` is `"pulled"` unless said, and the `duration` lasts
 * until now unless said.
 */
export type End = { observed?: Observed; duration?: number } & (
  | { type: "completed" }
  | { type: "canceled"; reason: Error; drained?: Drained }
  | { type: "errored"; error: unknown }
);

type Facts = { startTime: number; bytes: number; chunks: number; firstByteTime?: number };

/** The end of a response that has no body to be read. */
export const HANDED_OVER: End = { type: "completed", observed: "handed-over" };

/**
 * The state of one response: open, then ended with one {@linkcode Outcome}, then finished when its callbacks have
 * settled.
 */
export interface Ending {
  /** Fulfils when the callbacks have settled; never rejects. */
  readonly finished: Promise<Outcome>;
  /** For the case that the response itself is gone when it ends. */
  head?: ResponseInit;
  /** Adds callbacks, with settings of their own or the response's. After the others they run at once. */
  add(callbacks: Callbacks, settings?: Settings): void;
  /** A piece of the body was handed over. */
  handed(bytes: number): void;
  /** Time since the response was built, in ms. */
  elapsed(): number;
  /**
   * The response ended; `response` is missing where it was collected.
   *
   * The first end decides when the response ended. Until the callbacks are dispatched, a macrotask later, a worse end
   * replaces it: errored beats canceled beats completed. After that nothing changes it.
   */
  end(end: End, response?: Response): void;
  /** The request is still being answered: a cancel is a middleware's doing now, and not yet the end. */
  hold(): void;
  /** The request is answered. Returns the cancel that was held back. */
  letGo(): End | undefined;
}

/**
 * Opens the state of one response. It must not refer to the response before the end: the registry that notices
 * abandoned responses holds it.
 *
 * @throws {TypeError} for callbacks that are none.
 */
export function openEnding(callbacks: Callbacks, settings: Settings): Ending {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  const facts: Facts = { startTime: Date.now(), bytes: 0, chunks: 0 };
  const runs: Promise<void>[] = [];
  let outcome: Outcome | undefined;
  let rank = -1;
  let settled = false;
  let held = false;
  let heldBack: End | undefined;

  let dispatch: (outcome: Outcome) => void;
  const ended = new Promise<Outcome>((resolve) => {
    dispatch = resolve;
  });
  const run = (steps: Steps, { timeout, onError }: Settings) =>
    ended.then((outcome) => runSteps(steps, outcome, timeout, onError));
  const finished = ended.then(async (outcome) => {
    // The list grows while a callback adds callbacks.
    for (const run of runs) await run;
    settled = true;
    await Promise.all(listenerSteps().map((steps) => run(steps, settings)));
    return outcome;
  });

  const leaseLate = (added: Promise<void>) => {
    try {
      settings.waitUntil?.(added);
    } catch {
      // Too late for the platform (a service worker's event is over): the callback has what time is left.
    }
  };

  const ending: Ending = {
    finished,
    elapsed,
    add(callbacks, own = settings) {
      for (const steps of toSteps(callbacks)) {
        // A reaction runs in the async context in which it was attached, on every runtime and without an import.
        const added = run(steps, own);
        runs.push(added);
        if (settled) {
          track(added);
          leaseLate(added);
        }
      }
    },
    handed(size) {
      if (size > 0) facts.firstByteTime ??= facts.startTime + elapsed();
      facts.chunks++;
      facts.bytes += size;
    },
    end(end, response) {
      if (held && end.type === "canceled") {
        heldBack = { duration: elapsed(), ...end };
        return;
      }
      const before = outcome;
      if (rank >= KEYS.indexOf(end.type)) return;
      rank = KEYS.indexOf(end.type);
      outcome = {
        ...end,
        ...(rank > 0 && { phase: facts.bytes ? "mid-body" : "before-body" }),
        ...facts,
        observed: end.observed ?? "pulled",
        duration: before?.duration ?? end.duration ?? elapsed(),
        response: response ?? before?.response ?? new Response(null, ending.head),
      } as Outcome;
      if (before) return;
      // Not sooner: run in the final pull, and on some servers in a microtask or in setImmediate, a callback that
      // blocks would keep the last bytes from the client (decisions/002).
      setTimeout(() => {
        rank = KEYS.length;
        dispatch(outcome as Outcome);
      }, 0);
    },
    hold() {
      held = true;
    },
    letGo() {
      held = false;
      return heldBack;
    },
  };
  ending.add(callbacks);
  return ending;
}
