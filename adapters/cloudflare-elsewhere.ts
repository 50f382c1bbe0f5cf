/**
 * `response-then/cloudflare` outside Workers: frameworks load a Worker's modules in Node, to inspect them or to serve
 * them in development. It has the same exports, and imports nothing of the Workers runtime.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, wrapHandler } from "../src/exchange/index.ts";
import { type Callbacks, ResponseThen as CoreResponseThen, type WaitUntilObject } from "../src/index.ts";

export * from "../src/index.ts";

// This import path has the types of cloudflare.ts.
type Worker = FetchHandler | { fetch?: FetchHandler };

/** The plain class, because no platform has to be asked to wait. */
export class ResponseThen extends CoreResponseThen {
  /** Used on Workers only. */
  static readonly abandonAfter: number = 25_000;
}

/**
 * Wraps a Worker, or its `fetch` function alone, as on Workers. If a `ctx` is given, its `waitUntil` is used.
 *
 * @param callback Runs after every response of the Worker, also when its handler throws.
 * @throws {TypeError} for a value that is no Worker, and for an invalid callback.
 */
export function withResponseThen<T extends Worker>(worker: T, callback?: Callbacks): T {
  const isClass = typeof worker === "function" && worker.prototype?.fetch !== undefined;
  if (isClass || (typeof worker !== "function" && typeof worker?.fetch !== "function"))
    throw expected("worker", "a fetch function, or an object with a method fetch (of a class, wrap that)", worker);
  if (typeof worker === "function") return wrapHandler(worker, hostOf, callback) as T;
  const { fetch } = worker as { fetch: FetchHandler };
  const wrapped = wrapHandler((request, ...rest) => fetch.call(worker, request, ...rest), hostOf, callback);
  return Object.create(worker, {
    fetch: { value: wrapped, writable: true, enumerable: true, configurable: true },
  }) as T;
}

function hostOf({ method }: Request, ...[, ctx]: readonly unknown[]): HostSignals {
  const own = ctx as Partial<WaitUntilObject> | undefined;
  return typeof own?.waitUntil === "function" ? { method, waitUntil: own as WaitUntilObject } : { method };
}
