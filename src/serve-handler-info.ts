import type { Platform } from "./platform.ts";
import { SMALL } from "./scope.ts";

/** What is used of the second argument of a handler of `Deno.serve`. */
export interface ServeHandlerInfo {
  /** Settles when Deno is done with the response, however that went. */
  readonly completed: Promise<unknown>;
}

/**
 * What `Deno.serve` tells of a response: that it is over. Call it when the request comes: later the promise is not made
 * any more.
 */
export function signalsOfInfo(info: unknown): Pick<Platform, "over" | "unwatched"> {
  const { completed } = (info ?? {}) as Partial<ServeHandlerInfo>;
  if (!completed) return {};
  // For a response that is not ours nobody asks, and its rejection would end the process.
  completed.then(undefined, () => {});
  return {
    // Deno is done with a fixed body before that is sent.
    unwatched: SMALL,
    // It rejects for a broken HTTP/2 connection, and says no more by that.
    over: (listener) => void completed.then(listener, listener),
  };
}
