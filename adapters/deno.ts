/**
 * response-then for `Deno.serve`: wraps its handler.
 *
 * @module
 */
import { expected, type FetchHandler, type HostSignals, signalsOfInfo, wrapHandler } from "../src/exchange/index.ts";
import type { Callbacks } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/**
 * Wraps the handler of `Deno.serve`. Fixed bodies of up to 64 KiB are sent as those of plain responses, and end with
 * `observed: "handed-over"` when Deno is done with them. Longer ones and streams are watched (`"pulled"`).
 *
 * A client that left before the handler answered is noticed when a stream or a long body is read. With a small fixed
 * body it is not noticed at all. Only `request.signal` would tell, and it is never touched: on Deno it aborts after
 * every request, and prints a warning.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/deno";
 *
 * declare const Deno: { serve(handler: (request: Request) => Response | Promise<Response>): unknown };
 *
 * Deno.serve(withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type))));
 * ```
 */
export function withResponseThen<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  const hostOf = ({ method }: Request, ...[info]: Rest): HostSignals => ({ method, ...signalsOfInfo(info) });
  return wrapHandler(handler, hostOf, callback);
}
