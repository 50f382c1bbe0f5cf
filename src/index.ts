/**
 * Run code after the response: a `Response` that runs a callback exactly once after it has ended, on every runtime with
 * the Fetch API. The model is Django's `HttpResponse.close()`, and the `ResponseThen(data, callback)` of its users.
 *
 * @module
 */
export type { BodyWriter, WriteBody } from "./body/written-body.ts";
export type { Callback, CallbackContext, CallbackObject, Callbacks, OnError } from "./lifecycle/callbacks.ts";
export type { ResponseThenOptions, WaitUntil, WaitUntilFunction, WaitUntilObject } from "./lifecycle/options.ts";
export type {
  Canceled,
  Captured,
  Completed,
  Consumed,
  ConsumeLimit,
  Errored,
  Observed,
  Outcome,
  OutcomeFacts,
  Phase,
  RequestFacts,
} from "./lifecycle/outcome.ts";
export { type DrainResult, drain, type ResponseFinished, responseFinished } from "./lifecycle/process.ts";
export { ResponseThen, type ResponseThenInit } from "./response-then.ts";
