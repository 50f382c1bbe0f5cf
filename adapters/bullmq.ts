/**
 * Callbacks that add a job to a BullMQ queue after a response. A callback runs once and is gone; Redis keeps the job.
 *
 * @module
 */
import { expected, queueCallback, type RetryOptions } from "../src/exchange/index.ts";
import type { CallbackContext, Outcome } from "../src/index.ts";

export type { RetryOptions } from "../src/exchange/index.ts";

/** How long a queue recognizes a job that it has removed, in ms. By default BullMQ repeats an `add` for 4 minutes. */
const KNOWN = 300_000;

/** The used member of BullMQ's `Queue`; `Options` are its `JobsOptions`. */
export interface JobQueue<Name extends string = string, Data = unknown, Options extends object = object> {
  /** Adds one job. Rejects if the queue did not take it, and waits while Redis cannot be reached. */
  add(name: Name, data: Data, options?: Options): Promise<unknown>;
}

/** The options by which BullMQ recognizes a job. */
interface Identity {
  readonly jobId?: string | undefined;
  readonly deduplication?: object | undefined;
  readonly parent?: object | undefined;
}

/**
 * Makes a callback that adds one job to a queue of BullMQ after each response.
 *
 * It adds at most one job per response, and only if the process lives until then. A failed `add` is tried again after a
 * pause, until it succeeds, the retries are used up, or the callback's `timeout` is over. If it did not succeed, the
 * callback rejects with the last error or the signal's reason, so `onError` is told of the lost job. While Redis cannot
 * be reached, a `Queue` does not fail but waits. Then the `timeout` ends the callback.
 *
 * A retry adds no second job, even if the first `add` arrived and only its answer was lost. Each response has a random
 * `jobId`, which is the same for every try, and a queue does not add an id that it has. For 5 minutes it also
 * recognizes the id of a job that was completed and removed, through BullMQ's `deduplication` (not with a `parent`,
 * because BullMQ refuses both together). An `add` that was pending when the time was over may still arrive, although
 * `onError` was told.
 *
 * It does not promise that a worker runs the job once: if a worker dies, its job goes to the next one.
 *
 * @param queue BullMQ's `Queue`, or any object with its `add`.
 * @param name The name of the job.
 * @param data Makes the job's data, or a promise of it, once per response; `undefined` adds no job. If it fails, the
 * callback fails without a retry.
 * @param options BullMQ's options of a job, and those of the retries. A `jobId` replaces the random one: then all
 * responses of this callback have the same id, and the queue adds a job only if it does not have that id. A
 * `deduplication` replaces ours.
 * @throws {TypeError | RangeError} for a queue without `add`, for a name or a `jobId` that is no text or is empty, for
 * data that is no function, and for options of the wrong type or size. BullMQ checks the options of the job itself.
 *
 * @example
 * ```ts
 * import { Queue } from "bullmq";
 * import { Redis } from "ioredis";
 * import { ResponseThen } from "response-then";
 * import { enqueue } from "response-then/bullmq";
 *
 * const bills = new Queue<{ bytes: number }>("bills", { connection: new Redis("redis://127.0.0.1:6379") });
 * const bill = enqueue(bills, "bill", ({ bytes }) => ({ bytes }), { attempts: 5, removeOnComplete: true });
 *
 * export default { fetch: () => new ResponseThen("Hello", bill) };
 * ```
 */
export function enqueue<Name extends string, Data, Options extends object>(
  queue: JobQueue<Name, Data, Options>,
  name: NoInfer<Name>,
  data: (outcome: Outcome) => NoInfer<Data> | undefined | Promise<NoInfer<Data> | undefined>,
  options: NoInfer<Options> & RetryOptions = {} as Options,
): (outcome: Outcome, context: CallbackContext) => Promise<void> {
  if (typeof queue?.add !== "function") throw expected("queue", "BullMQ's Queue, with the method add", queue);
  if (!isText(name)) throw expected("name", "a non-empty string", name);
  if (typeof options !== "object" || options === null) throw expected("options", "an object", options);
  const { retries, pause, ...job } = options;
  const { jobId, deduplication, parent }: Identity = job;
  if (jobId !== undefined && !isText(jobId)) throw expected("jobId", "a non-empty string", jobId);

  const identity = () => {
    const id = crypto.randomUUID();
    const once = deduplication || parent ? {} : { deduplication: { id, ttl: KNOWN } };
    return { ...once, jobId: jobId ?? id };
  };
  const begin = (made: Data) => {
    const whole = { ...job, ...identity() } as unknown as Options;
    return () => queue.add(name, made, whole);
  };
  return queueCallback("data", data, begin, retries, pause);
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}
