// Waiting for somebody else's promise, until one gives up.

/**
 * Settles as `result` does, or rejects when one gives up first.
 *
 * A promise that never settles keeps its reactions and what they refer to, so here they refer to next to nothing. With
 * `Promise.race` it was the reason, whose stack holds the outcome: 25 kB a callback on Node 24.
 */
export function waitFor<T>(
  result: T | PromiseLike<T>,
): readonly [settled: Promise<T>, giveUp: (reason: unknown) => void] {
  const waiting: { resolve?: (value: T) => void; reject?: (reason: unknown) => void } = {};
  const settled = new Promise<T>((resolve, reject) => {
    waiting.resolve = resolve;
    waiting.reject = reject;
  });
  // By way of a native promise: a thenable may settle more than once, and throw besides.
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
