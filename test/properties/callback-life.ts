import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as immediate } from "node:timers/promises";
import {
  type Callback,
  type CallbackObject,
  drain,
  type Outcome,
  ResponseThen,
  responseFinished,
} from "../../src/index.ts";
import type { CallbackLifeModel, Deed, Moment } from "./callback-model.ts";
import { comes, turns } from "./property.ts";

/** Longer than a macrotask takes on a slow machine, most of the time. */
const TIMEOUT = 40;

const store = new AsyncLocalStorage<string>();

/** One step of a callback: a function, the member of an object, or its `finally`. */
export interface Step {
  readonly name: string;
  readonly deed: Deed;
  /** The step before it in the same callback. */
  readonly before: Step | undefined;
  readonly error: Error;
  starts: number;
  settled: boolean;
  context: string | undefined;
  signal: AbortSignal | undefined;
  outcome: Outcome | undefined;
}

/** A response whose callbacks do as they are told, and what happened in which order. */
export class CallbackLife {
  readonly model: CallbackLifeModel;
  readonly steps: Step[] = [];
  /** The names of the steps, as they started, and what else happened. */
  readonly events: string[] = [];
  readonly reports: (readonly [error: unknown, outcome: Outcome])[] = [];
  readonly onErrorFailure = new Error("onError failed");
  response!: ResponseThen;
  outcome!: Outcome;
  /** The steps that had not settled when `finished` fulfilled. */
  unsettled: Step[] = [];
  #added = 0;

  constructor(model: CallbackLifeModel) {
    this.model = model;
  }

  async live(): Promise<void> {
    const { ends, callbacks, listener, drains } = this.model;
    const unsubscribe = listener === "none" ? undefined : this.#subscribe();
    const error = new Error("the source failed");
    const source = new ReadableStream({ pull: (controller) => controller.error(error) }, { highWaterMark: 0 });
    const body = { completed: "text", canceled: "text", errored: source, "without a body": null }[ends];
    const options = { timeout: TIMEOUT, ...(this.model.onError !== "is missing" && { onError: this.#onError }) };
    const given = this.#make("in the constructor");
    store.run("in the constructor", () => {
      this.response = new ResponseThen(body, given, options);
    });
    this.#add("before the end");
    if (listener === "leaves") unsubscribe?.();
    if (ends === "completed") await this.response.text();
    if (ends === "canceled") await this.response.body?.cancel();
    if (ends === "errored") await this.response.text().catch(() => {});
    this.#add("after the end");
    const draining = drains === "never" ? undefined : turns(1).then(() => drain({ timeout: drains }));
    this.outcome = await comes("finished", this.response.finished);
    this.unsettled = this.steps.filter(({ starts, settled }) => starts === 0 || !settled);
    this.events.push("finished");
    if (listener === "stays") unsubscribe?.();
    this.#add("after finished");
    if (callbacks["after finished"].length > 0) await comes("the callbacks added after finished", this.#settled());
    await draining;
    await turns(1);
  }

  readonly #onError = (error: unknown, outcome: Outcome): unknown => {
    this.reports.push([error, outcome]);
    if (this.model.onError === "throws") throw this.onErrorFailure;
    if (this.model.onError === "rejects") return Promise.reject(this.onErrorFailure);
    return this.model.onError === "hangs" ? new Promise(() => {}) : undefined;
  };

  #subscribe(): () => void {
    const tell = this.#step("the listener", this.model.listenerDoes, undefined);
    return responseFinished.subscribe((outcome, context) => {
      // It hears of all responses.
      return outcome.response === this.response ? tell(outcome, context) : undefined;
    });
  }

  /** The callbacks of a moment, as they are given. */
  #make(moment: Moment): (Callback | CallbackObject)[] {
    return this.model.callbacks[moment].map((model, i) => {
      const name = `${i + 1}, ${moment}`;
      const own = this.#step(name, model.does, undefined);
      if (!("finally" in model)) return own;
      const last = this.#step(`${name}, finally`, model.finally, this.steps.at(-1));
      return { completed: own, canceled: own, errored: own, finally: last };
    });
  }

  #add(moment: Moment): void {
    for (const callback of this.#make(moment)) store.run(moment, () => this.response.onFinished(callback));
  }

  #step(name: string, deed: Deed, before: Step | undefined): Callback {
    const step: Step = {
      name,
      deed,
      before,
      error: new Error(`${name}: failed`),
      starts: 0,
      settled: false,
      context: undefined,
      signal: undefined,
      outcome: undefined,
    };
    this.steps.push(step);
    return (outcome, { signal }) => {
      step.starts++;
      step.context = store.getStore();
      step.signal = signal;
      step.outcome = outcome;
      this.events.push(name);
      return this.#do(step, signal);
    };
  }

  #do(step: Step, signal: AbortSignal): unknown {
    const settle = () => {
      step.settled = true;
    };
    const fail = () => {
      settle();
      throw step.error;
    };
    switch (step.deed) {
      case "adds one more":
        store.run("added", () => this.response.onFinished(this.#step(`added ${++this.#added}`, "returns", undefined)));
        return settle();
      case "fulfils a macrotask later":
        return immediate().then(settle);
      case "rejects a macrotask later":
        return immediate().then(fail);
      case "rejects":
        return Promise.resolve().then(fail);
      case "returns a thenable that throws":
        // biome-ignore lint/suspicious/noThenProperty: a hostile thenable
        return { then: fail };
      case "throws":
        return fail();
      case "hangs until its signal aborts":
        return new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        });
      case "hangs":
        return new Promise(() => {});
      default:
        return settle();
    }
  }

  /** Waits until all steps have started, and for their time to be over. */
  async #settled(): Promise<void> {
    const hangs = ({ deed }: Step) => deed.startsWith("hangs");
    const steps = () => this.steps.filter(({ name }) => name !== "the listener");
    while (steps().some((step) => step.starts === 0 || !(step.settled || hangs(step)))) await turns(1);
    // A hanging one is over when its signal aborts.
    while (steps().some((step) => hangs(step) && !step.signal?.aborted)) await turns(1);
  }
}
