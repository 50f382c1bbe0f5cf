// Implements `onCancel: "consume"`: reads a source to its end after its reader has left.
import type { ConsumeLimits } from "../lifecycle/options.ts";
import type { Consumed } from "../lifecycle/outcome.ts";
import { startTimeout } from "../runtime.ts";
import { byteLengthOf } from "./content.ts";
import type { Failure } from "./failure.ts";
import type { SourceReader } from "./source-reader.ts";

/** How the reading stopped, if it stopped before the end of the source. */
export interface Broken {
  /** Fulfils when the canceled source has stopped. */
  stopping?: Promise<unknown>;
  /** The error of the source, or of a chunk that could not be measured. */
  failure?: Failure;
}

/**
 * Reads a source to its end after its reader has left, and discards the chunks. Never rejects.
 *
 * Cancels the source with `reason` at the first limit that it reaches.
 *
 * @param pending The read that was pending when the reader left.
 */
export async function consumeSource(
  reader: SourceReader,
  limits: ConsumeLimits,
  reason: unknown,
  pending: ReturnType<SourceReader["read"]> | undefined,
  broken: Broken = {},
): Promise<Consumed> {
  let bytes = 0;
  let whole = true;
  const stop = (why: unknown) => {
    whole = false;
    broken.stopping = reader.cancel(why).catch(() => {});
  };
  const timer = startTimeout(() => stop(reason), limits.ms);
  try {
    let result = await (pending ?? reader.read());
    while (!result.done && whole) {
      bytes += byteLengthOf(result.value);
      if (bytes > limits.bytes) stop(reason);
      else result = await reader.read();
    }
  } catch (error) {
    if (whole) {
      broken.failure = { error };
      // If measuring a chunk threw, the source itself has not failed and must be canceled.
      stop(error);
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  return { bytes, whole };
}
