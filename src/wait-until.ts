import { expected } from "./expected.ts";

/** A platform's `waitUntil`, bound or free: it keeps the platform alive until the promise settles. */
export type WaitUntilFunction = (promise: Promise<unknown>) => unknown;

/** What carries a `waitUntil` method: an `ExecutionContext`, a `FetchEvent`, an srvx request. */
export interface WaitUntilObject {
  waitUntil(promise: Promise<unknown>): unknown;
}

/** Both shapes in which platforms offer `waitUntil`. */
export type WaitUntil = WaitUntilFunction | WaitUntilObject;

/** Makes a function of both shapes, or throws a `TypeError`. A method is called on its own object. */
export function toWaitUntil(waitUntil: WaitUntil): WaitUntilFunction {
  if (typeof waitUntil === "function") return waitUntil;
  if (typeof waitUntil?.waitUntil === "function") return (promise) => waitUntil.waitUntil(promise);
  throw expected("waitUntil", "a function, or an object with the method waitUntil", waitUntil);
}
