// What the `signal` of a request reports: that the client has left.
import { SMALL } from "./deno.ts";
import type { HostSignals } from "./host-signals.ts";

/** Makes signals of a request. Call it when the request comes: later its `signal` cannot be read any more. */
export function signalsOfRequest({ signal }: Request): Required<Pick<HostSignals, "gone" | "left" | "fixedLimit">> {
  return {
    fixedLimit: SMALL,
    gone: () => (signal?.aborted ? signal.reason : undefined),
    left: (listener) => signal?.addEventListener("abort", listener),
  };
}
