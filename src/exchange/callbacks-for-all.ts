// Callbacks for many responses, as a wrapped handler or a middleware takes them. They are checked once.
import { type Callbacks, toSteps } from "../lifecycle/callbacks.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WaitUntil } from "../lifecycle/options.ts";
import { type ResponseThenOptions, type Settings, toSettings } from "../lifecycle/options.ts";

/** Checked callbacks that run after whatever an exchange sends. */
export class CallbacksForAll {
  readonly #options: ResponseThenOptions | undefined;
  #attach: (lifecycle: Lifecycle) => void;

  /**
   * @param options How the callbacks are run. Without it the options of the response apply. `waitUntil` and `onCancel`
   * apply to plain responses only.
   * @throws {TypeError | RangeError} for invalid callbacks or options.
   */
  constructor(callbacks: Callbacks, options?: ResponseThenOptions) {
    const settings = toSettings(options);
    toSteps(callbacks);
    this.#options = options;
    this.#attach = (lifecycle) => lifecycle.add(callbacks, options && settings);
  }

  /** Makes the callbacks run in the async context of this call. Only for the callbacks of one unanswered exchange. */
  bind(): this {
    // A promise reaction runs in the async context in which it was attached, and what it attaches inherits that.
    const attach = this.#attach;
    new Promise<Lifecycle>((resolve) => {
      this.#attach = resolve;
    }).then(attach);
    return this;
  }

  /** Runs the callbacks after the end of this lifecycle. */
  addTo(lifecycle: Lifecycle): void {
    this.#attach(lifecycle);
  }

  /** The settings of a lifecycle that has no other callbacks. */
  settings(ambient: WaitUntil | undefined): Settings {
    return toSettings(this.#options, ambient);
  }
}

/** No callbacks: for responses that only the listeners of `responseFinished` hear of. */
export const NO_CALLBACKS: CallbacksForAll = /* @__PURE__ */ new CallbacksForAll([]);
