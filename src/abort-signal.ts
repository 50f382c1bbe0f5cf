import type { Platform } from "./platform.ts";
import { SMALL } from "./scope.ts";

/**
 * What Bun tells of a response: by the request's signal, that the client left before there was one. The signal must be
 * asked for when the request comes.
 */
export function signalsOfRequest({ signal }: Request): Pick<Platform, "gone" | "unwatched"> {
  return { unwatched: SMALL, gone: () => (signal.aborted ? signal.reason : undefined) };
}
