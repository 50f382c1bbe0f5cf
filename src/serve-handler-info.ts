import { named } from "./outcome.ts";
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
export function signalsOfInfo(info: unknown): Pick<Platform, "over" | "gone" | "unwatched"> {
  const { completed } = (info ?? {}) as Partial<ServeHandlerInfo>;
  if (!completed) return {};
  let over = false;
  let tell = () => {};
  const done = () => {
    over = true;
    tell();
  };
  // It rejects for a broken HTTP/2 connection, and says no more by that.
  completed.then(done, done);
  return {
    // Deno is done with a fixed body before that is sent.
    unwatched: SMALL,
    gone: () => (over ? named("AbortError", "The client left before the response was handed over") : undefined),
    over(listener) {
      tell = listener;
    },
  };
}
