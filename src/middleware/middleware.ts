// Defines the type of a middleware, and of the fetch handlers that it wraps.
import type { FetchHandler } from "../exchange/index.ts";

export type { FetchHandler } from "../exchange/index.ts";

/**
 * Wraps a fetch handler in another one, which WSGI calls middleware. It is called once, by {@linkcode compose} or by
 * you. The handler that it returns is called once per request.
 *
 * @example Your own middleware
 * ```ts
 * import { compose, type Middleware } from "response-then/middleware";
 *
 * const onlyGet: Middleware = (next) => (request, ...rest) =>
 *   request.method === "GET" ? next(request, ...rest) : new Response("Only GET", { status: 405 });
 *
 * export default { fetch: compose(() => new Response("Hello"), onlyGet) };
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: fits the handlers of every platform, and passes their arguments on
export type Middleware<Rest extends readonly unknown[] = any[]> = (next: FetchHandler<Rest>) => FetchHandler<Rest>;
