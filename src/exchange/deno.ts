// What `Deno.serve` reports about a response: that it is over. Also the size limit for fixed bodies, which Bun and
// Workers share.
import type { HostSignals } from "./host-signals.ts";

/** The longest fixed body that goes out unwatched if the host cannot tell whether the client got it all, in bytes. */
export const SMALL = 65_536;

/** The used part of the second argument of a `Deno.serve` handler. */
export interface ServeHandlerInfo {
  /** Settles when Deno is done with the response, however that went. */
  readonly completed: Promise<unknown>;
}

/** Makes signals of `info`. Call it when the request comes: later Deno does not create the promise any more. */
export function signalsOfInfo(info: unknown): Pick<HostSignals, "over" | "left" | "fixedLimit"> {
  const { completed } = (info ?? {}) as Partial<ServeHandlerInfo>;
  if (typeof completed?.then !== "function") return {};
  // If nobody listens to it later, an unhandled rejection would end the process.
  completed.then(undefined, () => {});
  // It rejects when an HTTP/2 connection breaks. That too says only that the response is over.
  const over = (listener: () => void) => void completed.then(listener, listener);
  // Deno is done with a fixed body before it has sent it, so only short ones go out unwatched.
  return { fixedLimit: SMALL, over, left: over };
}
