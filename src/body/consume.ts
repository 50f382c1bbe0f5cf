// `onCancel: "consume"`: reading a source on after its reader has left.
import type { ConsumeLimits } from "../lifecycle/options.ts";
import type { Consumed } from "../lifecycle/outcome.ts";
import { startTimeout } from "../runtime.ts";
import { byteLengthOf } from "./content.ts";
import type { Pieces } from "./pieces.ts";
import type { SourceReader } from "./source-reader.ts";

/**
 * Reads a source on to its end after its reader has left, and throws the chunks away.
 *
 * Stops at the first limit it meets and then cancels the source with `reason`. Rejects with the source's own error.
 *
 * @param pending The read that was under way when the reader left.
 * @param stopping Is given what fulfils when the source that a limit has canceled has stopped.
 */
export async function consumeSource(
  reader: SourceReader,
  limits: ConsumeLimits,
  reason: unknown,
  pending: ReturnType<SourceReader["read"]> | undefined,
  stopping: (stopped: Promise<unknown>) => void = () => {},
): Promise<Consumed> {
  let bytes = 0;
  let whole = true;
  const stop = () => {
    whole = false;
    stopping(reader.cancel(reason).catch(() => {}));
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
    // Where it was a chunk that failed, the source has not.
    reader.cancel(error).catch(() => {});
    if (whole) throw error;
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  return { bytes, whole };
}

/** Reads the rest of a body within the limits; gives with that what fulfils when a source that they cancel has stopped. */
export async function consumeRest(
  pieces: Pieces,
  limits: ConsumeLimits,
  reason: unknown,
): Promise<readonly [consumed: Consumed, stopping: Promise<unknown> | undefined]> {
  let stopping: Promise<unknown> | undefined;
  const consumed = await consumeSource(pieces.lock(), limits, reason, pieces.reading, (stopped) => {
    stopping = stopped;
  });
  return [consumed, stopping];
}
