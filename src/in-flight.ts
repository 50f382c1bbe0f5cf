import { startTimeout, toLimit } from "./timeout.ts";

/** Something that `drain()` waits for. */
export interface InFlight {
  /** Fulfils when it is done; never rejects. */
  readonly finished: Promise<unknown>;
  /** Asks it to stop. */
  abort(reason: unknown): void;
}

/** How a `drain()` went. */
export interface DrainResult {
  /** Responses whose callbacks settled while `drain()` waited. */
  readonly settled: number;
  /** Responses still open, or with callbacks still running, when `drain()` gave up. */
  readonly pending: number;
}

const inFlight = new Set<InFlight>();
let done = 0;

/** Keeps an entry until it is done. */
export function track(entry: InFlight): void {
  inFlight.add(entry);
  entry.finished.then(() => {
    inFlight.delete(entry);
    done++;
  });
}

/**
 * Waits until every response of this process has ended and its callbacks have settled, those that begin meanwhile
 * included. For `SIGTERM` handlers, after the server has stopped to accept connections, and for tests.
 *
 * When `timeout` is over, the signals of the callbacks that still run abort, and `drain` returns with what is pending.
 * It does not cut open responses: that is the server's part.
 *
 * @param options.timeout How long to wait, in ms; default 10,000. `Infinity` waits as long as it takes.
 * @returns Never rejects for a failing callback.
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
export function drain(options: { timeout?: number } = {}): Promise<DrainResult> {
  return drainWithin(toLimit("timeout", options.timeout ?? 10_000));
}

async function drainWithin(timeout: number): Promise<DrainResult> {
  const before = done;
  let stop = () => {};
  let expired = false;
  const deadline = new Promise<void>((resolve) => {
    stop = startTimeout(() => {
      expired = true;
      resolve();
    }, timeout);
  });
  while (inFlight.size > 0 && !expired) {
    const all = Array.from(inFlight, (entry) => entry.finished);
    await Promise.race([Promise.all(all), deadline]);
  }
  stop();
  const result = { settled: done - before, pending: inFlight.size };
  const reason = new DOMException(`drain() gave up after ${timeout} ms`, "TimeoutError");
  for (const entry of inFlight) entry.abort(reason);
  return result;
}
