import { type Callbacks, toSteps } from "./callbacks.ts";
import { type End, HANDED_OVER } from "./end.ts";
import { Ending } from "./ending.ts";
import { takeOff } from "./in-flight.ts";
import { stateOf, stateOfBody } from "./late-body.ts";
import { type ResponseThenOptions, toSettings } from "./options.ts";
import type { RequestFacts } from "./outcome.ts";
import { ResponseThen } from "./response-then.ts";
import type { WaitUntil } from "./wait-until.ts";

/** Callbacks for many responses, checked once: what a wrapped handler or a middleware is given. */
export class SharedCallbacks {
  readonly #options: ResponseThenOptions | undefined;
  #attach: (ending: Ending) => void;

  /**
   * @param options How they are run; without them, as the response's own. `waitUntil` and `onCancel` are only for
   * responses that are not watched yet.
   * @throws {TypeError | RangeError} for callbacks that are none, and for bad options.
   */
  constructor(callbacks: Callbacks, options?: ResponseThenOptions) {
    const settings = toSettings(options);
    toSteps(callbacks);
    this.#options = options;
    this.#attach = (ending) => ending.add(callbacks, options && settings);
  }

  /** For one response that is not there yet: they will run in the async context of now. */
  bind(): this {
    // What a reaction attaches has the context in which the reaction was attached.
    const attach = this.#attach;
    new Promise<Ending>((resolve) => {
      this.#attach = resolve;
    }).then(attach);
    return this;
  }

  /** Adds the callbacks to a response; one that is not watched yet becomes a `ResponseThen`. Send what comes back. */
  addTo(response: Response, waitUntil?: WaitUntil, request?: RequestFacts): Response {
    // Before the body: on Bun a body once touched takes the content-type away.
    void response.headers;
    const state = stateOf(response) ?? stateOfBody(response.body);
    if (state) {
      this.#attach(state.ending);
      return response;
    }
    if (response.status !== 0) return this.addTo(ResponseThen.from(response, [], this.#options));
    // Response.error(), and what a service worker got opaque: no other response can be made of it.
    this.#runAlone(HANDED_OVER, response, waitUntil, request);
    return response;
  }

  /** Runs the callbacks where a handler threw and the runtime answers by itself: errored, with a stand-in of status 500. */
  runWithout(error: unknown, waitUntil?: WaitUntil, request?: RequestFacts): void {
    const end: End = { type: "errored", observed: "handed-over", error };
    this.#runAlone(end, new Response(null, { status: 500 }), waitUntil, request);
  }

  #runAlone(end: End, response: Response, ambient: WaitUntil | undefined, request?: RequestFacts): void {
    const settings = toSettings(this.#options, ambient);
    const { waitUntil } = settings;
    const ending = new Ending([], settings);
    this.#attach(ending);
    ending.request = request;
    waitUntil?.(ending.finished);
    takeOff();
    ending.end(end, response);
  }
}

/** For responses that are watched for those who listen to all. */
export const NO_CALLBACKS: SharedCallbacks = /* @__PURE__ */ new SharedCallbacks([]);
