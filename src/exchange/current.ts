// Finds the request that is being handled. Until the handler's first `await` a module variable holds it; after that
// the runtime's `AsyncLocalStorage` does, where there is one.
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { onEdge } from "../runtime.ts";
import type { CallbacksForAll } from "./callbacks-for-all.ts";

/**
 * A request that is being handled. It lists the responses that are built meanwhile. The list is only a hint: a response
 * belongs to the request that sends it.
 */
export interface Handling {
  /**
   * The longest fixed body that the server takes as it is, in bytes. Below 0 every fixed body is watched. It is below 0
   * as soon as the request is answered.
   */
  readonly fixedLimit: number;
  /** `false` once its response has ended. Responses built in its async context after that are not listed. */
  readonly open: boolean;
  /**
   * Lists a response that is being built. Returns `true` while the request is not answered: a response without a body
   * then ends when it is handed over, not before.
   */
  list(lifecycle: Lifecycle): boolean;
  /** Adds callbacks that run after whatever the request sends. */
  add(callbacks: CallbacksForAll): void;
  /** Records what the framework's handler threw. The framework answers in the handler's place. */
  failed(error: unknown): void;
  /** Whether `request` is this request or a copy of it, and not a sub-request of its handler. */
  answers(request: Request): boolean;
}

/** The part of `AsyncLocalStorage` that this file uses. */
interface Carrier {
  getStore(): Handling | undefined;
  run<T, Args extends readonly unknown[]>(store: Handling, callback: (...args: Args) => T, ...args: Args): T;
}

let carrier: Carrier | undefined;
let current: Handling | undefined;

/** The request that is being handled; `undefined` if there is none, or if its response has ended. */
export function currentHandling(): Handling | undefined {
  // The variable comes first: it is set by the innermost handler, and only until that handler's first await.
  const handling = current ?? carrier?.getStore();
  return handling?.open ? handling : undefined;
}

/** Runs a handler. While it runs, `currentHandling()` returns `handling`. */
export function runIn<T, Args extends readonly unknown[]>(
  handling: Handling,
  handler: (...args: Args) => T,
  ...args: Args
): T {
  carrier ??= createCarrier();
  const outer = current;
  current = handling;
  try {
    return carrier ? carrier.run(handling, handler, ...args) : handler(...args);
  } finally {
    current = outer;
  }
}

function createCarrier(): Carrier | undefined {
  if (onEdge) return undefined;
  // Not an import: a Worker without the flag nodejs_compat does not have this module.
  type Process = { getBuiltinModule?(id: string): { AsyncLocalStorage: new () => Carrier } | undefined };
  const { process } = globalThis as { process?: Process };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage();
}
