import type { Callbacks } from "./callbacks.ts";
import { HANDED_OVER, openEnding } from "./ending.ts";
import { track } from "./in-flight.ts";
import { type ResponseThenOptions, toSettings } from "./options.ts";
import { ResponseThen } from "./response-then.ts";
import { stateOf } from "./state.ts";
import { toWaitUntil, type WaitUntil } from "./wait-until.ts";

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
 * run with `observed: "handed-over"`, and a body that nobody will read is canceled. A response that is not watched
 * comes back as it is.
 */
export function handOver(response: Response, platform: Platform): Response {
  const state = stateOf(response);
  if (state === undefined) return response;
  const { ending, body } = state;
  if (!state.leased && platform.waitUntil !== undefined) {
    toWaitUntil(platform.waitUntil)(ending.finished);
    state.leased = true;
  }
  // A middleware may have re-wrapped the body: the outcome tells of the response that really goes out.
  if (body) body.owner.response = response;
  if (response.body === null || platform.method === "HEAD") {
    ending.end(HANDED_OVER, response);
    body?.release(new Error("Nobody reads the body of the answer to a HEAD request"), HANDED_OVER, response);
    return response.body === null ? response : new Response(null, response);
  }
  return platform.carry === undefined ? response : new Response(platform.carry(response.body), response);
}

/** Callbacks for many responses, checked once: what a wrapped handler or a middleware is given. */
export class SharedCallbacks {
  readonly #callbacks: Callbacks;
  readonly #options: ResponseThenOptions;

  /**
   * @param options For the responses that are not watched yet.
   * @throws {TypeError | RangeError} for callbacks that are none, and for bad options.
   */
  constructor(callbacks: Callbacks, options: ResponseThenOptions = {}) {
    openEnding(callbacks, toSettings(options), undefined);
    this.#callbacks = callbacks;
    this.#options = options;
  }

  /** Adds the callbacks to a response; one that is not watched yet becomes a `ResponseThen`. Send what comes back. */
  addTo(response: Response): Response {
    const ending = stateOf(response)?.ending;
    if (ending === undefined) return ResponseThen.from(response, this.#callbacks, this.#options);
    ending.add(this.#callbacks);
    return response;
  }

  /** Runs the callbacks where a handler threw and the runtime answers by itself: errored, with a stand-in of status 500. */
  handlerThrew(error: unknown, platform: Platform): void {
    const settings = toSettings(this.#options, platform.waitUntil);
    const ending = openEnding(this.#callbacks, settings, { status: 500 });
    settings.waitUntil?.(ending.finished);
    track(ending.finished);
    ending.end({ type: "errored", observed: "handed-over", error });
  }
}
