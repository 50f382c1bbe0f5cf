/**
 * response-then for srvx, and for what is built on it (h3, Nitro), on Node, Bun and Deno.
 *
 * @module
 */
import {
  expected,
  type FetchHandler,
  NodePlatform,
  type Platform,
  poolOf,
  type ServerResponse,
  signalsOfInfo,
  signalsOfRequest,
  wrapHandler,
} from "../src/for-adapters.ts";
import type { Callbacks, WaitUntilFunction } from "../src/index.ts";

export type { FetchHandler } from "../src/for-adapters.ts";
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

/** Middleware of srvx: answers a request, by itself or by what comes next. */
export type Middleware = (request: Request, next: () => Response | Promise<Response>) => Response | Promise<Response>;

/**
 * Wraps the `fetch` of a srvx server, or any other handler that gets its requests. `server.close()` waits for the
 * callbacks, by `request.waitUntil`. What is seen of a response is what its runtime tells: on Node when its last byte is
 * flushed (`observed: "flushed"`), on Deno and Bun what the adapters of these tell.
 *
 * @param callback Runs after every response of the handler, also when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for a callback that is none.
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
  return wrapHandler(handler, platformOf, callback);
}

/**
 * The same as middleware, for the list of a server. Put it first, so that it sees what really goes out.
 *
 * @throws {TypeError} for a callback that is none.
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
  return wrapHandler<Next>((_request, next) => next(), platformOf, callback);
}

function platformOf(request: Request, ..._rest: readonly unknown[]): Platform {
  const { method, waitUntil: each, runtime } = request as ServerRequest;
  // Of a server it is the same for all its requests; elsewhere it belongs to one.
  const waitUntil = each && (runtime?.node || runtime?.deno || runtime?.bun) ? poolOf(each) : each;
  const platform = { method, waitUntil };
  if (runtime?.node?.res) return new NodePlatform(runtime.node.res, method, waitUntil);
  if (runtime?.deno) return { ...platform, ...signalsOfInfo(runtime.deno.info) };
  return runtime?.bun ? { ...platform, ...signalsOfRequest(request) } : platform;
}
