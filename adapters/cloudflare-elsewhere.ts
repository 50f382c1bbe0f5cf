/**
 * `response-then/cloudflare` outside Workers: frameworks load a Worker's modules in Node, to inspect them or to serve
 * them in development. It has the same exports, and imports nothing of the Workers runtime.
 *
 * @module
 */
import { type HostSignals, wrapWorker } from "../src/exchange/index.ts";
import { type Callbacks, ResponseThen as CoreResponseThen, type WaitUntilObject } from "../src/index.ts";

export * from "../src/index.ts";

/** The plain class, because no platform has to be asked to wait. */
export class ResponseThen extends CoreResponseThen {
  /** Used on Workers only. */
  static readonly abandonAfter: number = 25_000;
}

/**
 * Wraps a Worker, or its `fetch` function alone, as on Workers. If a `ctx` is given, its `waitUntil` is used. This
 * import path has the types of cloudflare.ts.
 *
 * @param callback Runs after every response of the Worker, even when its handler throws.
 * @throws {TypeError} for a value that is no Worker, and for an invalid callback.
 */
export function withResponseThen<T extends object>(worker: T, callback?: Callbacks): T {
  return wrapWorker(worker, hostOf, callback);
}

function hostOf({ method }: Request, ...[, ctx]: readonly unknown[]): HostSignals {
  const own = ctx as Partial<WaitUntilObject> | undefined;
  return typeof own?.waitUntil === "function" ? { method, waitUntil: own as WaitUntilObject } : { method };
}
