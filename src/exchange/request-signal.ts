// What a request's signal tells: that the client has left.
import { SMALL } from "./deno.ts";
import type { HostSignals } from "./host-signals.ts";

/** Call it when the request comes: later the signal is no longer available on Bun. */
export function signalsOfRequest({ signal }: Request): Required<Pick<HostSignals, "gone" | "left">> {
  return {
    gone: () => (signal?.aborted ? signal.reason : undefined),
    left: (listener) => signal?.addEventListener("abort", listener),
  };
}

/** The same on Bun, whose server sends a small fixed body as it is. */
export function signalsOnBun(request: Request): Required<Pick<HostSignals, "gone" | "left" | "fixedLimit">> {
  return { fixedLimit: SMALL, ...signalsOfRequest(request) };
}
