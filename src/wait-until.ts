import { expected } from "./expected.ts";

/** A platform's `waitUntil`, bound or free: it keeps the platform alive until the promise settles. */
export type WaitUntilFunction = (promise: Promise<unknown>) => unknown;

/** What carries a `waitUntil` method: an `ExecutionContext`, a `FetchEvent`, an srvx request. */
export interface WaitUntilObject {
  /** Called as a method, on this object. */
  waitUntil(promise: Promise<unknown>): unknown;
}

/** Both shapes in which platforms offer `waitUntil`. */
export type WaitUntil = WaitUntilFunction | WaitUntilObject;

const pools = new WeakMap<WaitUntilFunction, WaitUntilFunction>();

/**
 * For a `waitUntil` that is the same for all requests of a server: the server waits for one promise, until nothing is
 * pending, and not for one of each response. srvx makes three more of each, and keeps them from the young collector: at
 * half of what else a small response costs.
 */
export function poolOf(waitUntil: WaitUntilFunction): WaitUntilFunction {
  const known = pools.get(waitUntil);
  if (known) return known;
  let pending = 0;
  let settle: () => void;
  const landed = () => {
    if (--pending === 0) settle();
  };
  const pool: WaitUntilFunction = (promise) => {
    if (pending === 0) {
      const all = new Promise<void>((resolve) => {
        settle = resolve;
      });
      waitUntil(all);
    }
    pending++;
    promise.then(landed, landed);
  };
  pools.set(waitUntil, pool);
  return pool;
}

/** Makes a function of both shapes, or throws a `TypeError`. A method is called on its own object. */
export function toWaitUntil(waitUntil: WaitUntil): WaitUntilFunction {
  if (typeof waitUntil === "function") return waitUntil;
  if (typeof waitUntil?.waitUntil === "function") return (promise) => waitUntil.waitUntil(promise);
  throw expected("waitUntil", "a function, or an object with the method waitUntil", waitUntil);
}
