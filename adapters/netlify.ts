/**
 * response-then for Netlify Functions and Edge Functions: the class keeps the function alive, and `withResponseThen`
 * wraps its handler.
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
 * The `ResponseThen` of Netlify: the function stays alive until the callbacks have settled. It finds the request's
 * `context.waitUntil` itself. Outside a request it works like the plain class.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then/netlify";
 *
 * export default () => new ResponseThen("Hello", (outcome) => console.log(outcome.type));
 * ```
 */
export class ResponseThen extends CoreResponseThen {
  /** `Netlify.context.waitUntil`, at construction. Without a context nobody waits. */
  static override readonly waitUntil: WaitUntil = (promise) => requestContext()?.waitUntil?.(promise);
}

/**
 * Wraps the handler of a function. `HEAD` requests and responses without a body end when Netlify gets them
 * (`observed: "handed-over"`). A response that the handler built and did not send ends 5 s after the end of the one
 * that was sent.
 *
 * The handler must answer with a response. Where an edge function would return nothing, return `context.next()`.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/netlify";
 *
 * export default withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type)));
 *
 * export const config = { path: "/hello" };
 * ```
 */
export function withResponseThen<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  return wrapHandler(handler, hostOf, callback);
}

function hostOf({ method }: Request, ...[context]: readonly unknown[]): HostSignals {
  const own = (context ?? requestContext()) as Partial<WaitUntilObject> | undefined;
  return { method, waitUntil: own?.waitUntil && (own as WaitUntilObject) };
}

/** The context of the request that is being handled; `null` outside a request. */
function requestContext(): Partial<WaitUntilObject> | null | undefined {
  const { Netlify } = globalThis as { Netlify?: { readonly context?: Partial<WaitUntilObject> | null } };
  return Netlify?.context;
}
