import { type Callbacks, toSteps } from "./callbacks.ts";
import { Ending } from "./ending.ts";
import { track } from "./in-flight.ts";
import { toSettings } from "./options.ts";
import { ResponseThen } from "./response-then.ts";
import { stateOf } from "./state.ts";
import type { WaitUntil } from "./wait-until.ts";

/** What an adapter knows of the request that a response answers. */
export interface Platform {
  /** The request's method, as the client sent it. */
  readonly method: string;
  /** Keeps the platform alive for responses that were built without a `waitUntil` of their own. */
  readonly waitUntil?: WaitUntil | undefined;
  /** Carries a watched body to the runtime by better means than a JavaScript stream, where the platform has them. */
  readonly carry?: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;
}

/**
 * The door for adapters: tells the library that the runtime gets `response` now, and returns what to send instead.
 *
 * A response that no reader will ever end, because it has no body or the request was a `HEAD`, ends here: its callbacks
 * run with `observed: "handed-over"`, and a body that nobody will read is canceled.
 *
 * @param callback Is added to the response, which becomes a `ResponseThen` if it is none.
 */
export function handOver(response: Response, platform: Platform, callback?: Callbacks): Response {
  if (callback !== undefined) {
    const { ending } = stateOf(response) ?? {};
    if (ending === undefined) return handOver(ResponseThen.from(response, callback), platform);
    for (const each of toSteps(callback)) ending.add(each);
  }
  const state = stateOf(response);
  if (state === undefined) return response;
  const { ending, owner, body } = state;
  ending.lease(platform.waitUntil);
  // A middleware may have re-wrapped the body: the outcome tells of the response that really goes out.
  owner.response = response;
  if (response.body === null || platform.method === "HEAD") {
    ending.completed(response, "handed-over");
    body?.discard(new Error("Nobody reads the body of the answer to a HEAD request"));
    return response.body === null ? response : new Response(null, response);
  }
  return platform.carry === undefined ? response : new Response(platform.carry(response.body), response);
}

/** The other door: the handler threw, so the runtime answers by itself. Ends as errored, with a stand-in response of 500. */
export function handlerFailed(error: unknown, platform: Platform, callback: Callbacks): void {
  const head = { status: 500 };
  const ending = new Ending(toSettings({ waitUntil: platform.waitUntil }), head);
  ending.lease();
  track(ending);
  for (const each of toSteps(callback)) ending.add(each);
  ending.errored(undefined, error);
}
