import { expected } from "../exchange/index.ts";
import type { FetchHandler, Middleware } from "./middleware.ts";

/**
 * Wraps a fetch handler in middleware: the first is the outermost, which gets the request first and the response last.
 * Each is called once, at this call, from the last to the first. What a platform gives beside the request (`env`, `ctx`,
 * `info`) passes through, and a handler that answers at once still does.
 *
 * @throws {TypeError} for a handler or a middleware that is no function, and for a middleware that returns none; the
 * message says which one. What a middleware throws is not caught.
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
