// Callbacks for many responses, checked once: what a wrapped handler or a middleware is given.
import { type Callbacks, toSteps } from "../lifecycle/callbacks.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WaitUntil } from "../lifecycle/options.ts";
import { type ResponseThenOptions, type Settings, toSettings } from "../lifecycle/options.ts";

/** They belong to an exchange, and run after whatever it sends. */
export class CallbacksForAll {
  readonly #options: ResponseThenOptions | undefined;
  #attach: (lifecycle: Lifecycle) => void;

  /**
   * @param options How they are run; without them, as the response's own. `waitUntil` and `onCancel` are only for
   * responses that are plain.
   * @throws {TypeError | RangeError} for callbacks that are none, and for bad options.
   */
  constructor(callbacks: Callbacks, options?: ResponseThenOptions) {
    const settings = toSettings(options);
    toSteps(callbacks);
    this.#options = options;
    this.#attach = (lifecycle) => lifecycle.add(callbacks, options && settings);
  }

  /** For one exchange that is not answered yet: they will run in the async context of now. */
  bind(): this {
    // What a reaction attaches has the context in which the reaction was attached.
    const attach = this.#attach;
    new Promise<Lifecycle>((resolve) => {
      this.#attach = resolve;
    }).then(attach);
    return this;
  }

  /** Runs them after the end of this one. */
  addTo(lifecycle: Lifecycle): void {
    this.#attach(lifecycle);
  }

  /** For a lifecycle of which they are the only callbacks. */
  settings(ambient: WaitUntil | undefined): Settings {
    return toSettings(this.#options, ambient);
  }
}

/** For those who listen to all responses. */
export const NO_CALLBACKS: CallbacksForAll = /* @__PURE__ */ new CallbacksForAll([]);
