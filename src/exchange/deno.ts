// What `Deno.serve` tells of a response: that it is over.
import type { HostSignals } from "./host-signals.ts";

/** The longest fixed body that goes out unwatched where the host cannot tell of a long one whether the client got it. */
export const SMALL = 65_536;

/** What is used of the second argument of a handler of `Deno.serve`. */
export interface ServeHandlerInfo {
  /** Settles when Deno is done with the response, however that went. */
  readonly completed: Promise<unknown>;
}

/** Call it when the request comes: later the promise is not made any more. */
export function signalsOfInfo(info: unknown): Pick<HostSignals, "over" | "left" | "fixedLimit"> {
  const { completed } = (info ?? {}) as Partial<ServeHandlerInfo>;
  if (typeof completed?.then !== "function") return {};
  // For a response that is not ours nobody asks, and its rejection would end the process.
  completed.then(undefined, () => {});
  // It rejects for a broken HTTP/2 connection, and says no more by that.
  const over = (listener: () => void) => void completed.then(listener, listener);
  // Deno is done with a fixed body before that is sent.
  return { fixedLimit: SMALL, over, left: over };
}
