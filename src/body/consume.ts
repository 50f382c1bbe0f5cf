// `onCancel: "consume"`: reading a source on after its reader has left.
import type { ConsumeLimits } from "../lifecycle/options.ts";
import type { Consumed } from "../lifecycle/outcome.ts";
import { startTimeout } from "../runtime.ts";
import { byteLengthOf } from "./content.ts";
import type { SourceReader } from "./source-reader.ts";

/** How the reading came to its end, where it did not at the source's own. */
export interface Broken {
  /** Fulfils when the source that a limit has canceled has stopped. */
  stopping?: Promise<unknown>;
  /** What the source failed with. */
  failure?: { readonly error: unknown };
}

/**
 * Reads a source on to its end after its reader has left, and throws the chunks away. Never rejects.
 *
 * Stops at the first limit it meets, and then cancels the source with `reason`.
 *
 * @param pending The read that was under way when the reader left.
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
      // Where it was a chunk that failed, the source has not.
      stop(error);
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  return { bytes, whole };
}
