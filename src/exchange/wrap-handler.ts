// The pattern that adapters share: a wrapped handler. A response belongs to the wrapped handler that
// sends it, wherever it was built.
import { expected, tagOf } from "../expected.ts";
import type { Callbacks } from "../lifecycle/callbacks.ts";
import { onBun } from "../runtime.ts";
import { CallbacksForAll } from "./callbacks-for-all.ts";
import { Exchange } from "./exchange.ts";
import type { HostSignals } from "./host-signals.ts";

/** A function that answers requests. Platforms pass it further arguments (`env`, `ctx`, `info`). */
export type FetchHandler<Rest extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * Wraps a handler. The result answers as `handler` does, synchronously if that does, and hands every response over.
 *
 * @param hostOf Returns what the adapter knows of one request.
 * @param callback Runs after every response of the handler, and also when the handler throws.
 */
export function wrapHandler<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  hostOf: (request: Request, ...rest: Rest) => HostSignals,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  const shared = callback === undefined ? [] : [new CallbacksForAll(callback)];
  return (request, ...rest) => {
    const exchange = new Exchange(hostOf(request, ...rest), request, shared);
    const fail = (error: unknown): never => {
      exchange.fail(error);
      throw error;
    };
    try {
      const answering = exchange.run(handler, request, ...rest);
      if (typeof (answering as Promise<Response> | undefined)?.then !== "function")
        return answer(exchange, answering as Response);
      const promised = Promise.resolve(answering);
      exchange.wait();
      exchange.keepAlive(promised);
      return promised.then((answered) => answer(exchange, answered)).catch(fail);
    } catch (error) {
      return fail(error);
    }
  };
}

function answer(exchange: Exchange, answered: Response): Response {
  // On Bun the handler has upgraded the request to a WebSocket.
  if (answered === undefined && onBun) {
    exchange.none();
    return answered;
  }
  // Checked by its tag, not by instanceof: there may be several classes of Response, such as @hono/node-server's own.
  if (!(answered instanceof Response) && tagOf(answered) !== "Response")
    throw expected("the handler's answer", "a Response", answered);
  return exchange.handOver(answered);
}
