// What all responses of a process share: the count of those in flight (`drain`), the listeners to all of them
// (`responseFinished`), and the next macrotask, in which their callbacks run.
import { toLimit } from "../expected.ts";
import { immediate, onWorkers, schedule, startTimeout, type Timer } from "../runtime.ts";
import { type Callbacks, type Steps, toSteps } from "./callbacks.ts";
import { abortRunning } from "./run.ts";

/** The result of `drain()`. */
export interface DrainResult {
  /** Responses whose callbacks settled while `drain()` waited. A callback added after that counts as one more. */
  readonly settled: number;
  /** Responses that were still open, or whose callbacks were still running, when `drain()` gave up. */
  readonly pending: number;
}

// A count and not a set: on Node, V8's scavenger does not free what went through a set of all responses. That doubled
// the cost of a small response.
let inFlight = 0;
let done = 0;
const waiting = new Set<() => void>();

/** One more is in flight: a response, or a callback that was added after the others had settled. */
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
 * Waits until every response of this process has ended and its callbacks have settled. Responses that are built
 * meanwhile are included. Use it in `SIGTERM` handlers, after the server has stopped accepting connections, and in
 * tests.
 *
 * When `timeout` is over, the signals of the callbacks that still run abort, and `drain` returns how much is pending.
 * It does not cut open responses: that is the server's job.
 *
 * @param options.timeout How long to wait, in ms; default 10,000. `Infinity` waits as long as it takes.
 * @returns How many settled and how many are pending; never rejects because of a failing callback.
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
    // One turn, so that the aborted callbacks are reported before the caller ends the process.
    if (result.pending > 0) await turn();
    return result;
  });
}

async function allSettled(): Promise<void> {
  while (inFlight > 0) {
    await new Promise<void>((resolve) => waiting.add(resolve));
    // Responses that are built some microtasks after the last end count too.
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => schedule(resolve, 0));
}

const listeners = new Set<Steps[]>();

/** The current listeners, as steps to run. */
export function listenerSteps(): Steps[] {
  return [...listeners].flat();
}

/** Whether there are any listeners. */
export function listening(): boolean {
  return listeners.size > 0;
}

/** The process-wide signal {@linkcode responseFinished}. */
export interface ResponseFinished {
  /**
   * Calls `listener` once for every response that ends from now on, after the response's own callbacks have settled.
   * Listeners start in the order in which they subscribed. One that fails is reported like a callback and stops
   * nothing. It costs nothing while nobody listens.
   *
   * A listener hears of every `ResponseThen`, and of every other response that a wrapped handler (or the Hono
   * middleware) answers with. Such a response is sent as it would be without the listener. For the answers of a wrapped
   * handler, `outcome.request` is the request that was answered.
   *
   * @param listener A callback, in any of its shapes.
   * @returns A function that ends the subscription.
   * @throws {TypeError} for an invalid listener.
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
 * The process-wide signal that a response has ended. It is like Django's `request_finished`, but it gives the response,
 * as `outcome.response`.
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
 * Runs something a macrotask later. In the final pull, and on some servers in a microtask or in `setImmediate`, a
 * callback that blocks would keep the last bytes from the client (decisions/002).
 */
export function nextMacrotask(run: () => void): void {
  // On Workers a timer belongs to one request, and must not touch another request.
  if (onWorkers) return void onWorker(run);
  next.push(run);
  if (!due) arm();
}

/**
 * Sets one timer for many responses: on Deno a timer for each costs a third of a small request. It is the real timer:
 * if a test had faked it, one batch would hold up all later ones.
 */
function arm(): void {
  due = next;
  next = [];
  // For HTTP/2 Node writes pending data in an immediate, which the timer may overtake.
  schedule(() => (immediate ? immediate(runDue) : runDue()), 0);
}

function runDue(): void {
  const runs = due as (() => void)[];
  due = undefined;
  // What was added since this timer was set has not waited for a macrotask of its own.
  if (next.length > 0) arm();
  for (const run of runs) run();
}

function onWorker(run: () => void): void {
  try {
    setTimeout(run, 0);
  } catch {
    // There are no timers outside of a request, for example where a collected response is noticed.
    Promise.resolve().then(run);
  }
}
