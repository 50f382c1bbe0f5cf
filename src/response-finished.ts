import type { Callback, Steps } from "./callbacks.ts";
import { describe } from "./describe.ts";

const listeners = new Set<Steps>();

/** The listeners of this moment, as callbacks to run. */
export function listenerSteps(): readonly Steps[] {
  return listeners.size === 0 ? [] : [...listeners];
}

/**
 * The process-wide signal that a `ResponseThen` has ended: what Django's `request_finished` is, with the response in
 * hand (`outcome.response`).
 */
export const responseFinished = {
  /**
   * Calls `listener` once for every response that ends from now on, after the response's own callbacks have settled.
   * Listeners start in the order in which they subscribed; one that fails is reported like a callback and stops nothing.
   * Costs nothing while nobody listens.
   *
   * @returns Ends the subscription.
   * @throws {TypeError} when `listener` is no function.
   *
   * @example Count how responses end
   * ```ts
   * import { responseFinished } from "response-then";
   *
   * const counts = { completed: 0, canceled: 0, errored: 0 };
   * const unsubscribe = responseFinished.subscribe((outcome) => {
   *   counts[outcome.type]++;
   * });
   * ```
   */
  subscribe(listener: Callback): () => void {
    if (typeof listener !== "function") {
      throw new TypeError(`The listener is ${describe(listener)}; expected a function (outcome, signal) => …`);
    }
    const steps: Steps = [listener];
    listeners.add(steps);
    return () => {
      listeners.delete(steps);
    };
  },
};
