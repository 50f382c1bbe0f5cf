/**
 * Run code after the response: a `Response` that runs a callback exactly once after it has ended, on every runtime that
 * speaks Fetch. After Django's `HttpResponse.close()`, and the `ResponseThen(data, callback)` known from there.
 *
 * @module
 */
export type { Callback, CallbackObject, Callbacks, OnError } from "./callbacks.ts";
export { type DrainResult, drain } from "./in-flight.ts";
export type { ResponseThenOptions } from "./options.ts";
export type {
  Canceled,
  Completed,
  Drained,
  DrainLimit,
  Errored,
  Observed,
  Outcome,
  OutcomeFacts,
  Phase,
  RequestFacts,
} from "./outcome.ts";
export { type ResponseFinished, responseFinished } from "./response-finished.ts";
export { ResponseThen, type ResponseThenInit } from "./response-then.ts";
export type { WaitUntil, WaitUntilFunction, WaitUntilObject } from "./wait-until.ts";
export type { BodyWriter, WriteBody } from "./written-body.ts";
