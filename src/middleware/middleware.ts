import type { FetchHandler } from "../exchange/index.ts";

export type { FetchHandler } from "../exchange/index.ts";

/**
 * Wraps a fetch handler in another one: what WSGI calls middleware. It is called once, by {@linkcode compose} or by you,
 * and the handler that it returns once per request.
 *
 * @example A middleware of one's own
 * ```ts
 * import { compose, type Middleware } from "response-then/middleware";
 *
 * const onlyGet: Middleware = (next) => (request, ...rest) =>
 *   request.method === "GET" ? next(request, ...rest) : new Response("Only GET", { status: 405 });
 *
 * export default { fetch: compose(() => new Response("Hello"), onlyGet) };
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: fits around handlers of every platform, and passes on what they get
export type Middleware<Rest extends readonly unknown[] = any[]> = (next: FetchHandler<Rest>) => FetchHandler<Rest>;
