/**
 * response-then for Vercel Functions: the class keeps the function alive, and `withResponseThen` wraps its handler.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, wrapHandler } from "../src/exchange/index.ts";
import {
  type Callbacks,
  ResponseThen as CoreResponseThen,
  type WaitUntil,
  type WaitUntilObject,
} from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/**
 * The `ResponseThen` of Vercel Functions: the function stays alive until the callbacks have settled, as with
 * `waitUntil` of `@vercel/functions`, but without that package. Outside Vercel nobody waits, and it works like the
 * plain class.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then/vercel";
 *
 * export function GET() {
 *   return new ResponseThen("Hello", (outcome) => console.log(outcome.type));
 * }
 * ```
 */
export class ResponseThen extends CoreResponseThen {
  /** The request context's `waitUntil`, at construction. Outside Vercel nobody waits. */
  static override readonly waitUntil: WaitUntil = (promise) => requestContext()?.waitUntil?.(promise);
}

/**
 * Wraps the handler of a function. `HEAD` requests and responses without a body end when Vercel gets them
 * (`observed: "handed-over"`). A response that the handler built and did not send ends 5 s after the end of the one
 * that was sent.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/vercel";
 *
 * export default {
 *   fetch: withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type))),
 * };
 * ```
 */
export function withResponseThen<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  return wrapHandler(handler, hostOf, callback);
}

function hostOf({ method }: Request, ..._rest: readonly unknown[]): HostSignals {
  const context = requestContext();
  // Read now, because code that answers later may have lost the context.
  return { method, waitUntil: context?.waitUntil && (context as WaitUntilObject) };
}

/** The context of the request that is being handled, which Vercel keeps in an `AsyncLocalStorage`. */
function requestContext(): Partial<WaitUntilObject> | undefined {
  type Holder = { get?(): Partial<WaitUntilObject> | undefined };
  const holders = globalThis as { [key: symbol]: Holder | undefined };
  return holders[Symbol.for("@vercel/request-context")]?.get?.();
}
