// What the responses of one process share: the count of those in flight (`drain`), the listeners to all
// (`responseFinished`), and the next macrotask, in which their callbacks run.
import { toLimit } from "../expected.ts";
import { immediate, onWorkers, schedule, startTimeout, type Timer } from "../runtime.ts";
import { type Callbacks, type Steps, toSteps } from "./callbacks.ts";
import { abortRunning } from "./run.ts";

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
export function track(): void {
  inFlight++;
}

/** One has settled. */
export function settle(): void {
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
  return Promise.race([allSettled(), late]).then(async () => {
    clearTimeout(timer);
    const result = { settled: done - before, pending: inFlight };
    abortRunning(`drain of ${timeout} ms`);
    // A turn for the aborted callbacks to be reported, before the caller ends the process.
    if (result.pending > 0) await turn();
    return result;
  });
}

async function allSettled(): Promise<void> {
  while (inFlight > 0) {
    await new Promise<void>((resolve) => waiting.add(resolve));
    // What the last one's end has others build some microtasks later counts too.
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => schedule(resolve, 0));
}

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
   * with; these are sent as without it. Of what a wrapped handler answers `outcome.request` says what it answers.
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

let due: (() => void)[] | undefined;
let next: (() => void)[] = [];

/**
 * Runs something a macrotask later: run in the final pull, and on some servers in a microtask or in `setImmediate`, a
 * callback that blocks would keep the last bytes from the client (decisions/002).
 */
export function nextMacrotask(run: () => void): void {
  // A Worker's timer belongs to one request, and may not touch another's.
  if (onWorkers) return void onWorker(run);
  next.push(run);
  if (!due) arm();
}

/**
 * One timer for many responses: on Deno one for each costs a third of a small request. It is the real one: a batch whose
 * timer a test has faked would hold up all after it.
 */
function arm(): void {
  due = next;
  next = [];
  // Node writes what it has for HTTP/2 in an immediate, which the timer may overtake.
  schedule(() => (immediate ? immediate(runDue) : runDue()), 0);
}

function runDue(): void {
  const runs = due as (() => void)[];
  due = undefined;
  // What came since this timer was set has not waited for a macrotask of its own.
  if (next.length > 0) arm();
  for (const run of runs) run();
}

function onWorker(run: () => void): void {
  try {
    setTimeout(run, 0);
  } catch {
    // Outside of every request, as where a response was collected, there are no timers.
    Promise.resolve().then(run);
  }
}
