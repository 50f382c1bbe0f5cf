/**
 * response-then for servers on Node: for `@hono/node-server`, and for whatever has a `ServerResponse`.
 *
 * @module
 */
import {
  Exchange,
  expected,
  type FetchHandler,
  type HostSignals,
  NodeSignals,
  outgoingOf,
  type ServerResponse,
  signalsOfRequest,
  tagOf,
  wrapHandler,
} from "../src/exchange/index.ts";
import type { Callbacks } from "../src/index.ts";

export type { FetchHandler, ServerResponse } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/** What `@hono/node-server` gives a fetch handler after the request. */
export interface NodeBindings {
  /** Node's response, which reports when its last byte is flushed. */
  readonly outgoing: ServerResponse;
}

/**
 * Wraps a fetch handler for `serve()` of `@hono/node-server`. Its `ResponseThen`s end when Node has flushed their last
 * byte, or when the connection ended before that (`observed: "flushed"`). Fixed bodies are sent as those of plain
 * responses. If the client left before the handler answered, the response is canceled, with `phase: "before-body"`.
 *
 * If it is called without Node's `outgoing`, as in a test, it watches bodies as the class alone does.
 *
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 *
 * @example
 * ```ts
 * import { serve } from "@hono/node-server";
 * import { ResponseThen, withResponseThen } from "response-then/node";
 *
 * const fetch = withResponseThen(() => new ResponseThen("Hello", (outcome) => console.log(outcome.observed)));
 * serve({ fetch, port: 3000 });
 * ```
 */
export function withResponseThen<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  const hostOf = (request: Request, ...[bindings]: Rest): HostSignals => {
    const outgoing = outgoingOf(bindings);
    if (outgoing) return new NodeSignals(outgoing, request.method);
    // Without `outgoing`, as in a framework, only the request's signal tells that the client has left.
    return { method: request.method, ...signalsOfRequest(request) };
  };
  return wrapHandler(handler, hostOf, callback);
}

/**
 * Hands a response over to the `ServerResponse` that will send it, for handlers of Express, Fastify, `node:http` and
 * the like that send a web `Response`. `res` then reports its end. Send the response that is returned, once, by
 * whatever writes a `Response` to a `ServerResponse`. Call it as late as you can, and before anything is written to
 * `res`.
 *
 * A response that is no `ResponseThen` is returned as it is. If you have no web `Response`, use the package
 * `on-finished`.
 *
 * @throws {TypeError} for a value that is no response, and for a `res` that is no `ServerResponse`.
 *
 * @example Fastify
 * ```ts
 * import Fastify from "fastify";
 * import { handOver, ResponseThen } from "response-then/node";
 *
 * const app = Fastify();
 * app.get("/", (_request, reply) => {
 *   const response = new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.observed));
 *   return reply.send(handOver(response, reply.raw));
 * });
 * ```
 */
export function handOver(response: Response, res: ServerResponse): Response {
  if (typeof res?.on !== "function") throw expected("res", "Node's ServerResponse", res);
  if (tagOf(response) !== "Response") throw expected("response", "a Response", response);
  return new Exchange(new NodeSignals(res, res.req?.method ?? "GET", undefined, true), undefined).handOver(response);
}
