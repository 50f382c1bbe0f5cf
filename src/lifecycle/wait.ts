// Waits for a promise of somebody else, until the caller gives up.

/**
 * Gives a promise that settles as `result` does, or rejects when `giveUp` is called first.
 *
 * A promise that never settles keeps its reactions alive, so ours refer to next to nothing. Those of `Promise.race`
 * would keep the reason, whose stack holds the outcome: 25 kB per callback on Node 24.
 */
export function waitFor<T>(
  result: T | PromiseLike<T>,
): readonly [settled: Promise<T>, giveUp: (reason: unknown) => void] {
  const waiting: { resolve?: (value: T) => void; reject?: (reason: unknown) => void } = {};
  const settled = new Promise<T>((resolve, reject) => {
    waiting.resolve = resolve;
    waiting.reject = reject;
  });
  // Through a native promise, because a thenable may settle more than once, or throw.
  Promise.resolve(result).then(
    (value) => waiting.resolve?.(value),
    (error) => waiting.reject?.(error),
  );
  const giveUp = (reason: unknown) => {
    waiting.reject?.(reason);
    waiting.resolve = waiting.reject = () => {};
  };
  return [settled, giveUp];
}
