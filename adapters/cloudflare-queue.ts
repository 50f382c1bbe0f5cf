/**
 * Hands outcomes on to Cloudflare Queues, which keep what a callback, run once and then gone, cannot.
 *
 * @module
 */
import { expected, toLimit } from "../src/for-adapters.ts";
import type { Outcome } from "../src/index.ts";

const CONTENT_TYPES = ["text", "bytes", "json", "v8"];

/** The longest delay that a timer takes, in ms. */
const LONGEST = 2 ** 31 - 1;

/** What a producer binding takes beside the message. */
export interface SendOptions {
  /** How the message is written down; Cloudflare's default is `"json"`. */
  readonly contentType?: "text" | "bytes" | "json" | "v8";
  /** How long the queue holds the message back, in seconds. */
  readonly delaySeconds?: number;
}

/** A producer binding of Cloudflare Queues, such as `env.QUEUE`. */
export interface QueueProducer<Message = unknown> {
  send(message: Message, options?: SendOptions): Promise<unknown>;
}

/** How a message is sent. Every member may be left out. */
export interface EnqueueOptions extends SendOptions {
  /** How often a failed send is tried again; default 3. */
  readonly retries?: number | undefined;
  /** The pause before the first retry, in ms; default 100. Each further one is twice as long. */
  readonly pause?: number | undefined;
}

/**
 * Makes a callback that sends one message to a queue after each response.
 *
 * It sends at most one message per response, and that only if the process lives until then. A failed send is tried again
 * after a pause, until it is sent, the retries are used up or the callback's `timeout` is over; then the callback
 * rejects, with the last error or the signal's reason, and so `onError` is told of the message that was lost.
 *
 * What it does not promise: that the consumer gets the message once. A queue delivers at least once, and a send that
 * failed, or was under way when the time was over, may have arrived all the same; a retry then brings it twice. Give the
 * message an id by which the consumer knows it again.
 *
 * @param queue The producer binding.
 * @param message Makes the message, once per response, or a promise of it; `undefined` sends nothing. When it fails the
 * callback fails, without a retry.
 * @throws {TypeError | RangeError} for a queue without `send`, for a message that is no function, and for options of
 * the wrong type or size.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/cloudflare";
 * import { enqueue, type QueueProducer } from "response-then/cloudflare-queue";
 *
 * interface Bill {
 *   id: string;
 *   bytes: number;
 * }
 *
 * export default withResponseThen({
 *   fetch(request: Request, env: { BILLS: QueueProducer<Bill> }) {
 *     const id = crypto.randomUUID();
 *     const bill = enqueue(env.BILLS, ({ bytes }) => ({ id, bytes }), { retries: 5 });
 *     return new ResponseThen(request.body, bill);
 *   },
 * });
 * ```
 */
export function enqueue<Message>(
  queue: QueueProducer<Message>,
  message: (outcome: Outcome) => NoInfer<Message> | undefined | Promise<NoInfer<Message> | undefined>,
  options: EnqueueOptions = {},
): (outcome: Outcome, signal: AbortSignal) => Promise<void> {
  if (typeof queue?.send !== "function") throw expected("queue", "a producer binding, with the method send", queue);
  if (typeof message !== "function") throw expected("message", "a function of the outcome", message);
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { retries = 3, pause = 100, ...sending } = options;
  toLimit("retries", retries);
  toLimit("pause", pause);
  if (sending.delaySeconds !== undefined) toLimit("delaySeconds", sending.delaySeconds);
  if (sending.contentType !== undefined && !CONTENT_TYPES.includes(sending.contentType)) {
    throw expected("contentType", `one of ${CONTENT_TYPES.join(", ")}`, sending.contentType);
  }

  return async (outcome, signal) => {
    const made = await inTime(signal, () => message(outcome));
    if (made === undefined) return;
    for (let retry = 0; ; retry++) {
      try {
        await inTime(signal, () => queue.send(made, sending));
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
  let onAbort = () => {};
  const over = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([over, run()]);
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
