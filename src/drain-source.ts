import { byteLengthOf } from "./byte-length.ts";
import type { Drained, DrainLimit } from "./outcome.ts";
import type { SourceReader } from "./source-reader.ts";
import { startTimeout } from "./timeout.ts";

/** A {@linkcode DrainLimit} with its defaults filled in. */
export type DrainLimits = Required<DrainLimit>;

/**
 * Reads a source on to its end after its reader has left, and throws the chunks away.
 *
 * Stops at the first limit it meets and then cancels the source with `reason`. Rejects with the source's own error.
 *
 * @param pending The read that was under way when the reader left.
 */
export async function drainSource(
  reader: SourceReader,
  limits: DrainLimits,
  reason: unknown,
  pending: ReturnType<SourceReader["read"]> | undefined,
): Promise<Drained> {
  let bytes = 0;
  let whole = true;
  const stop = () => {
    whole = false;
    reader.cancel(reason).catch(() => {});
  };
  const timer = startTimeout(stop, limits.ms);
  try {
    let result = await (pending ?? reader.read());
    while (!result.done && whole) {
      bytes += byteLengthOf(result.value);
      if (bytes > limits.bytes) stop();
      else result = await reader.read();
    }
  } catch (error) {
    if (whole) throw error;
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  return { bytes, whole };
}
