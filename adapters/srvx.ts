/**
 * response-then for srvx, and for frameworks that are built on it (h3, Nitro), on Node, Bun and Deno.
 *
 * @module
 */
import {
  expected,
  type FetchHandler,
  type HostSignals,
  NodeSignals,
  type ServerResponse,
  signalsOfInfo,
  signalsOnBun,
  wrapHandler,
} from "../src/exchange/index.ts";
import type { Callbacks, WaitUntilFunction } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/** What srvx adds to a request. */
interface ServerRequest extends Request {
  readonly waitUntil?: WaitUntilFunction;
  readonly runtime?: {
    readonly node?: { readonly res?: ServerResponse };
    readonly deno?: { readonly info?: unknown };
    readonly bun?: unknown;
  };
}

/** Middleware of srvx: answers a request itself, or with the answer of `next()`. */
export type Middleware = (request: Request, next: () => Response | Promise<Response>) => Response | Promise<Response>;

/**
 * Wraps the `fetch` of a srvx server, or any other handler that gets its requests. `server.close()` waits for the
 * callbacks, through `request.waitUntil`. What is seen of a response depends on the runtime: on Node when its last byte
 * is flushed (`observed: "flushed"`), on Deno and Bun what their adapters see.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/srvx";
 * import { serve } from "srvx";
 *
 * serve({ fetch: withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.type))) });
 * ```
 */
export function withResponseThen<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  return wrapHandler(handler, hostOf, callback);
}

/**
 * The same as middleware, for the list of a server. Put it first, so that it sees the response that is really sent.
 *
 * @throws {TypeError} for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, responseThen } from "response-then/srvx";
 * import { serve } from "srvx";
 *
 * serve({
 *   middleware: [responseThen((outcome) => console.log(outcome.type, outcome.response.status))],
 *   fetch: () => new ResponseThen("Hello", () => console.log("after this one")),
 * });
 * ```
 */
export function responseThen(callback?: Callbacks): Middleware {
  type Next = [next: () => Response | Promise<Response>];
  return wrapHandler<Next>((_request, next) => next(), hostOf, callback);
}

function hostOf(request: Request, ..._rest: readonly unknown[]): HostSignals {
  const { method, waitUntil: each, runtime } = request as ServerRequest;
  // All requests of a server share one `waitUntil`; elsewhere it belongs to one request.
  const waitUntil = each && (runtime?.node || runtime?.deno || runtime?.bun) ? poolOf(each) : each;
  const host = { method, waitUntil };
  if (runtime?.node?.res) return new NodeSignals(runtime.node.res, method, waitUntil);
  if (runtime?.deno) return { ...host, ...signalsOfInfo(runtime.deno.info) };
  return runtime?.bun ? { ...host, ...signalsOnBun(request) } : host;
}

const pools = new WeakMap<WaitUntilFunction, WaitUntilFunction>();

/**
 * Pools promises for a `waitUntil` that all requests of a server share. The server then waits for one promise, until
 * nothing is pending, and not for one promise of each response. srvx makes three more promises of each, which V8's
 * scavenger does not free. That costs half as much as the rest of a small response.
 */
function poolOf(waitUntil: WaitUntilFunction): WaitUntilFunction {
  const known = pools.get(waitUntil);
  if (known) return known;
  let pending = 0;
  let settle: () => void;
  const settled = () => {
    if (--pending === 0) settle();
  };
  const pool: WaitUntilFunction = (promise) => {
    if (pending === 0) {
      const all = new Promise<void>((resolve) => {
        settle = resolve;
      });
      waitUntil(all);
    }
    pending++;
    promise.then(settled, settled);
  };
  pools.set(waitUntil, pool);
  return pool;
}
