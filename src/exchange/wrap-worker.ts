// Wraps what a Worker exports: a fetch function, or an object with a `fetch` method.
import { expected } from "../expected.ts";
import type { Callbacks } from "../lifecycle/callbacks.ts";
import type { HostSignals } from "./host-signals.ts";
import { type FetchHandler, wrapHandler } from "./wrap-handler.ts";

/**
 * Wraps the `fetch` of a Worker by `wrapHandler`. Its other members stay as they are.
 *
 * @throws {TypeError} for a value that is no Worker, and for a class.
 */
export function wrapWorker<T extends object>(
  worker: T,
  hostOf: (request: Request, ...rest: readonly unknown[]) => HostSignals,
  callback?: Callbacks,
): T {
  const { fetch: method, prototype } = (worker ?? {}) as { fetch?: unknown; prototype?: { fetch?: unknown } };
  const isFunction = typeof worker === "function";
  if (isFunction ? prototype?.fetch !== undefined : typeof method !== "function")
    throw expected("worker", "a fetch function, or an object with fetch() (not a class: wrap its fetch)", worker);
  if (isFunction) return wrapHandler(worker as object as FetchHandler, hostOf, callback) as object as T;
  const handler = worker as object as { fetch: FetchHandler };
  const fetch = wrapHandler((request, ...rest) => handler.fetch(request, ...rest), hostOf, callback);
  const wrapped = Object.create(Object.getPrototypeOf(worker));
  // Members are own and writable, because instrumentation replaces them. They are called on the Worker itself, which
  // may have private fields.
  for (let from = worker as object; from && from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const key of Reflect.ownKeys(from)) {
      if (key === "constructor" || Object.hasOwn(wrapped, key)) continue;
      const value: unknown = key === "fetch" ? fetch : Reflect.get(from, key, worker);
      const method = typeof value === "function" && key !== "fetch" ? value.bind(worker) : value;
      Object.defineProperty(wrapped, key, { value: method, writable: true, enumerable: true, configurable: true });
    }
  }
  return wrapped;
}
