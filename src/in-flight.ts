import { abortRunning } from "./callbacks.ts";
import { startTimeout, type Timer, toLimit } from "./timeout.ts";

/** How a `drain()` went. */
export interface DrainResult {
  /** Responses whose callbacks settled while `drain()` waited, and callbacks that were added after those. */
  readonly settled: number;
  /** Responses still open, or with callbacks still running, when `drain()` gave up. */
  readonly pending: number;
}

// Counted, not kept: on Node a set that every response goes through keeps the dead ones from the young collector, and
// that doubled what a small response cost.
let inFlight = 0;
let done = 0;
const waiting = new Set<() => void>();

/** One more response, or callback after its end, is in flight. */
export function takeOff(): void {
  inFlight++;
}

/** One has settled. */
export function land(): void {
  inFlight--;
  done++;
  if (inFlight > 0) return;
  for (const resolve of waiting) resolve();
  waiting.clear();
}

/**
 * Waits until every response of this process has ended and its callbacks have settled, those that begin meanwhile
 * included. For `SIGTERM` handlers, after the server has stopped to accept connections, and for tests.
 *
 * When `timeout` is over, the signals of the callbacks that still run abort, and `drain` returns with what is pending.
 * It does not cut open responses: that is the server's part.
 *
 * @param options.timeout How long to wait, in ms; default 10,000. `Infinity` waits as long as it takes.
 * @returns How it went; never rejects for a failing callback.
 * @throws {RangeError} at the call, when `timeout` is negative or not a number.
 *
 * @example Stop a server without losing a callback
 * ```ts
 * import { drain } from "response-then";
 *
 * declare const server: { close(done: () => void): void };
 *
 * process.once("SIGTERM", () => {
 *   server.close(async () => {
 *     const { pending } = await drain({ timeout: 8_000 });
 *     process.exit(pending === 0 ? 0 : 1);
 *   });
 * });
 * ```
 */
export function drain({ timeout = 10_000 }: { timeout?: number } = {}): Promise<DrainResult> {
  toLimit("timeout", timeout);
  let timer: Timer;
  const late = new Promise<void>((resolve) => {
    timer = startTimeout(resolve, timeout);
  });
  const before = done;
  return Promise.race([landed(), late]).then(async () => {
    clearTimeout(timer);
    const result = { settled: done - before, pending: inFlight };
    abortRunning(`drain of ${timeout} ms`);
    // A turn for the aborted callbacks to be reported, before the caller ends the process.
    if (result.pending > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    return result;
  });
}

async function landed(): Promise<void> {
  while (inFlight > 0) await new Promise<void>((resolve) => waiting.add(resolve));
}
