// Defines `compose()`, which wraps a fetch handler in a list of middleware.
import { expected } from "../exchange/index.ts";
import type { FetchHandler, Middleware } from "./middleware.ts";

/**
 * Wraps a fetch handler in middleware. The first one is the outermost: it gets the request first and the response last.
 * Each middleware is called once, during this call, from the last to the first. The arguments that a platform gives
 * after the request (`env`, `ctx`, `info`) pass through. `compose` adds no promise: a handler that answers without one
 * still does.
 *
 * @throws {TypeError} for a handler or a middleware that is no function, and for a middleware that returns no function.
 * The message says which one. An error that a middleware throws is not caught.
 *
 * @example
 * ```ts
 * import { compose, headers, logger } from "response-then/middleware";
 *
 * const handler = (request: Request, env: { greeting: string }) => new Response(env.greeting);
 *
 * export default { fetch: compose(handler, logger(), headers({ "x-content-type-options": "nosniff" })) };
 * ```
 */
export function compose<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  ...middleware: readonly Middleware<Rest>[]
): FetchHandler<Rest> {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  const place = (index: number) => `middleware ${index + 1} of ${middleware.length}`;
  for (const [index, each] of middleware.entries()) {
    if (typeof each !== "function") throw expected(place(index), "a function", each);
  }
  return middleware.reduceRight((next: FetchHandler<Rest>, each, index) => {
    const wrapped = each(next);
    if (typeof wrapped !== "function") throw expected(`what ${place(index)} returned`, "a fetch function", wrapped);
    return wrapped;
  }, handler);
}
