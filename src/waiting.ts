/** Who waits for a promise; nobody any more when that was given up. */
export interface Waiting {
  resolve?: (() => void) | undefined;
  reject?: ((reason: unknown) => void) | undefined;
}

/**
 * As `result`, until it is given up.
 *
 * What is left on a promise that never settles is two reactions and what they refer to, which is nothing then. With
 * `Promise.race` it was the reason, whose stack holds the outcome: 25 kB a callback on Node 24.
 */
export function settled(result: PromiseLike<unknown>, waiting: Waiting): Promise<void> {
  const promise = new Promise<void>((resolve, reject) => {
    waiting.resolve = resolve;
    waiting.reject = reject;
  });
  // By way of a native promise: a thenable may settle more than once, and throw besides.
  Promise.resolve(result).then(
    () => waiting.resolve?.(),
    (error) => waiting.reject?.(error),
  );
  return promise;
}

/** Rejects what waits, and lets go of it. */
export function giveUp(waiting: Waiting, reason: unknown): void {
  const { reject } = waiting;
  waiting.resolve = waiting.reject = undefined;
  reject?.(reason);
}
