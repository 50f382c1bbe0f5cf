/**
 * Run code after the response: a `Response` that runs a callback exactly once after it has ended, on every runtime that
 * speaks Fetch.
 *
 * @module
 */
export type { Callback, CallbackObject, Callbacks, OnError } from "./callbacks.ts";
export { handOver, type Platform, SharedCallbacks } from "./hand-over.ts";
export { type DrainResult, drain } from "./in-flight.ts";
export type { ResponseThenOptions } from "./options.ts";
export {
  AbandonedError,
  type Canceled,
  type Completed,
  type Drained,
  type DrainLimit,
  type Errored,
  type Observed,
  type Outcome,
  type OutcomeFacts,
  type Phase,
} from "./outcome.ts";
export { responseFinished } from "./response-finished.ts";
export { ResponseThen, type ResponseThenInit } from "./response-then.ts";
export type { WaitUntil, WaitUntilFunction, WaitUntilObject } from "./wait-until.ts";
export { type FetchHandler, wrapHandler } from "./wrap-handler.ts";
