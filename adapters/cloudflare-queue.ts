/**
 * Callbacks that send a message to Cloudflare Queues after a response. A callback runs once and is gone; a queue keeps
 * the message.
 *
 * @module
 */
import { expected, queueCallback, type RetryOptions, toLimit } from "../src/exchange/index.ts";
import type { CallbackContext, Outcome } from "../src/index.ts";

export type { RetryOptions } from "../src/exchange/index.ts";

const CONTENT_TYPES = ["text", "bytes", "json", "v8"];

/** The options that a producer binding takes with a message. */
export interface SendOptions {
  /** How the message is serialized; Cloudflare's default is `"json"`. */
  readonly contentType?: "text" | "bytes" | "json" | "v8";
  /** How long the queue holds the message back, in seconds. */
  readonly delaySeconds?: number;
}

/** A producer binding of Cloudflare Queues, such as `env.QUEUE`. */
export interface QueueProducer<Message = unknown> {
  /** Sends one message. Rejects if the queue did not take it. */
  send(message: Message, options?: SendOptions): Promise<unknown>;
}

/** How a message is sent. Every member is optional. */
export interface EnqueueOptions extends SendOptions, RetryOptions {}

/**
 * Makes a callback that sends one message to a queue after each response.
 *
 * It sends at most one message per response, and only if the process lives until then. A failed send is tried again
 * after a pause, until it succeeds, the retries are used up, or the callback's `timeout` is over. If it did not
 * succeed, the callback rejects with the last error or the signal's reason, so `onError` is told of the lost message.
 *
 * It does not promise that the consumer gets the message once. A queue delivers at least once. A send that failed, or
 * was pending when the time was over, may have arrived all the same, and a retry then sends the message twice. Give the
 * message an id by which the consumer recognizes it.
 *
 * @param queue The producer binding.
 * @param message Makes the message, or a promise of it, once per response; `undefined` sends nothing. If it fails, the
 * callback fails without a retry.
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
): (outcome: Outcome, context: CallbackContext) => Promise<void> {
  if (typeof queue?.send !== "function") throw expected("queue", "a producer binding, with the method send", queue);
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { retries, pause, ...sending } = options;
  if (sending.delaySeconds !== undefined) toLimit("delaySeconds", sending.delaySeconds);
  if (sending.contentType !== undefined && !CONTENT_TYPES.includes(sending.contentType)) {
    throw expected("contentType", `one of ${CONTENT_TYPES.join(", ")}`, sending.contentType);
  }
  return queueCallback("message", message, (made) => () => queue.send(made, sending), retries, pause);
}
