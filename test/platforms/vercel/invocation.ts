// What Vercel's runtime gives to a function: a context of the request, kept in an AsyncLocalStorage behind a global symbol
// (vercel/vercel, packages/functions/src/get-context.ts).
import { AsyncLocalStorage } from "node:async_hooks";

interface RequestContext {
  waitUntil(promise: Promise<unknown>): void;
}

const storage = new AsyncLocalStorage<RequestContext>();

export const symbol: symbol = Symbol.for("@vercel/request-context");
export const requestContext = { get: (): RequestContext | undefined => storage.getStore() };

/**
 * Invokes a function for a request.
 *
 * @param over Is called when the function has answered and nothing is left to wait for: then Vercel may freeze it.
 */
export async function invoke(answer: () => Response | Promise<Response>, over: () => void): Promise<Response> {
  const promises: Promise<unknown>[] = [];
  const waitUntil = (promise: Promise<unknown>) => {
    if (typeof promise?.then !== "function") throw new TypeError("waitUntil can only be called with a Promise");
    promises.push(promise);
  };
  const settle = async () => {
    while (promises.length > 0) await Promise.allSettled(promises.splice(0));
    over();
  };
  try {
    return await storage.run({ waitUntil }, answer);
  } finally {
    settle();
  }
}
