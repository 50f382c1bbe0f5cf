import { type Callbacks, type Steps, toSteps } from "./callbacks.ts";

const listeners = new Set<Steps[]>();

/** The listeners of this moment, as callbacks to run. */
export function listenerSteps(): Steps[] {
  return [...listeners].flat();
}

/** Whether there are any. */
export function listening(): boolean {
  return listeners.size > 0;
}

/** The process-wide signal {@linkcode responseFinished}. */
export interface ResponseFinished {
  /**
   * Calls `listener` once for every response that ends from now on, after the response's own callbacks have settled.
   * Listeners start in the order in which they subscribed; one that fails is reported like a callback and stops nothing.
   * Costs nothing while nobody listens.
   *
   * It hears of every `ResponseThen`, and of every other response that a wrapped handler (or the Hono middleware) answers
   * with, which is watched for that. Of these `outcome.request` says what they answer.
   *
   * @param listener A callback, in each of its shapes.
   * @returns Ends the subscription.
   * @throws {TypeError} for a listener that is none.
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
  subscribe(listener: Callbacks): () => void;
}

/**
 * The process-wide signal that a `ResponseThen` has ended: what Django's `request_finished` is, with the response in
 * hand (`outcome.response`).
 */
export const responseFinished: ResponseFinished = {
  subscribe(listener) {
    const steps = toSteps(listener);
    listeners.add(steps);
    return () => {
      listeners.delete(steps);
    };
  },
};
