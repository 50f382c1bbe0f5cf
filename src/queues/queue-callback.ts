// Makes a callback that passes one message to a queue, with retries. The queue adapters share it.
import { expected, toLimit } from "../expected.ts";
import type { CallbackContext } from "../lifecycle/callbacks.ts";
import type { Outcome } from "../lifecycle/outcome.ts";
import { waitFor } from "../lifecycle/wait.ts";

/** The longest delay that a timer takes, in ms. */
const LONGEST = 2 ** 31 - 1;

/** How a message is sent to a queue again after a failure. */
export interface RetryOptions {
  /** How many times a failed send is tried again; default 3. */
  readonly retries?: number | undefined;
  /** The pause before the first retry, in ms; default 100. Each further pause is twice as long as the one before. */
  readonly pause?: number | undefined;
}

/**
 * Makes a callback that passes one message to a queue, with retries, within the callback's own time. It rejects with
 * the last error when the retries are used up, and with the reason of its signal as soon as that aborts.
 *
 * @param what The name of the argument `message`, for errors.
 * @param message Makes the message, once per response. If it returns `undefined`, nothing is passed on.
 * @param begin Called once per message. Returns the function that passes it on, which is called for each attempt.
 * @param retries See {@linkcode RetryOptions}, as for `pause`.
 * @throws {TypeError | RangeError} if `message` is not a function, and for options of the wrong type or size.
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

/** Settles as `run` does, or rejects as soon as the signal aborts. If it has aborted already, `run` is not called. */
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
