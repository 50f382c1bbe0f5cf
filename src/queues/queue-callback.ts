// A callback that hands one message on to a queue, with retries: what the queues' adapters share.
import { expected, toLimit } from "../expected.ts";
import type { CallbackContext } from "../lifecycle/callbacks.ts";
import type { Outcome } from "../lifecycle/outcome.ts";
import { waitFor } from "../lifecycle/wait.ts";

/** The longest delay that a timer takes, in ms. */
const LONGEST = 2 ** 31 - 1;

/** How a hand-over to a queue that failed is tried again. */
export interface RetryOptions {
  /** How often a failed hand-over is tried again; default 3. */
  readonly retries?: number | undefined;
  /** The pause before the first retry, in ms; default 100. Each further one is twice as long. */
  readonly pause?: number | undefined;
}

/**
 * Makes a callback that hands one message on to a queue, with retries, within the callback's own time: it rejects with
 * the last error when the retries are used up, and with the signal's reason as soon as that aborts.
 *
 * @param what The name of the argument `message`, for errors.
 * @param message Makes the message, once per response; `undefined` hands nothing on.
 * @param begin Called for each message; gives the function that hands it on, which is called for each attempt.
 * @param retries See {@linkcode RetryOptions}, as for `pause`.
 * @throws {TypeError | RangeError} for a message that is no function, and for options of the wrong type or size.
 */
export function queueCallback<Message>(
  what: string,
  message: (outcome: Outcome) => Message | undefined | Promise<Message | undefined>,
  begin: (message: Message) => () => Promise<unknown>,
  retries = 3,
  pause = 100,
): (outcome: Outcome, context: CallbackContext) => Promise<void> {
  if (typeof message !== "function") throw expected(what, "a function of the outcome", message);
  toLimit("retries", retries);
  toLimit("pause", pause);

  return async (outcome, { signal }) => {
    const made = await inTime(signal, () => message(outcome));
    if (made === undefined) return;
    const attempt = begin(made);
    for (let retry = 0; ; retry++) {
      try {
        await inTime(signal, attempt);
        return;
      } catch (error) {
        if (retry >= retries) throw error;
      }
      await sleep(Math.min(pause * 2 ** retry, LONGEST), signal);
    }
  };
}

/** What `run` gives; a rejection with the signal's reason as soon as that aborts, or without a run if it has aborted. */
async function inTime<T>(signal: AbortSignal, run: () => T | Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const [settled, giveUp] = waitFor(run());
  const onAbort = () => giveUp(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await settled;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pause = () =>
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
  try {
    await inTime(signal, pause);
  } finally {
    clearTimeout(timer);
  }
}
