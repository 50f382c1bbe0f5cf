// What a request's signal tells: that the client has left.
import { SMALL } from "./deno.ts";
import type { HostSignals } from "./host-signals.ts";

/** Call it when the request comes: later its signal is not to be had any more. */
export function signalsOfRequest({ signal }: Request): Required<Pick<HostSignals, "gone" | "left" | "fixedLimit">> {
  return {
    fixedLimit: SMALL,
    gone: () => (signal?.aborted ? signal.reason : undefined),
    left: (listener) => signal?.addEventListener("abort", listener),
  };
}
