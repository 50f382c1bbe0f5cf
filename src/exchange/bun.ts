// What Bun tells of a response: by the request's signal, that the client left before there was one.
import { SMALL } from "./deno.ts";
import type { HostSignals } from "./host-signals.ts";

/** Call it when the request comes: later its signal is not to be had any more. */
export function signalsOfRequest({ signal }: Request): Required<Pick<HostSignals, "gone" | "left" | "fixedLimit">> {
  return {
    fixedLimit: SMALL,
    gone: () => (signal.aborted ? signal.reason : undefined),
    left: (listener) => signal.addEventListener("abort", listener),
  };
}
