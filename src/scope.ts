import type { State } from "./state.ts";

/**
 * The handling of one request: knows the responses that were built in it, so that those which are dropped or replaced
 * on the way out can be told from those that are not ours.
 */
export interface Scope {
  /** The states of the responses built so far, in their order. */
  readonly built: State[];
  /** Closed when the request was answered: what is built later in its async context does not belong to it. */
  closed: boolean;
}

/** The part of `AsyncLocalStorage` that is used. */
interface Carrier {
  getStore(): Scope | undefined;
  run<T>(scope: Scope, callback: () => T): T;
}

let carrier: Carrier | undefined;
let current: Scope | undefined;

/** Registers a response that is being built; `false` where no request is being handled. */
export function joinScope(state: State): boolean {
  const scope = carrier ? carrier.getStore() : current;
  if (!scope || scope.closed) return false;
  scope.built.push(state);
  state.ending.hold();
  return true;
}

/**
 * Runs a handler in its scope.
 *
 * Where the runtime has `AsyncLocalStorage` (Node, Bun, Deno, Workers with `nodejs_compat`), everything that the handler
 * does belongs to the scope; elsewhere only what it does before its first `await`, and {@linkcode scopeIsWhole} says so.
 */
export function runInScope<T>(scope: Scope, handler: () => T): T {
  carrier ??= createCarrier();
  if (carrier) return carrier.run(scope, handler);
  const outer = current;
  current = scope;
  try {
    return handler();
  } finally {
    current = outer;
  }
}

/** Whether a scope knows of every response built in it. */
export function scopeIsWhole(): boolean {
  return carrier !== undefined;
}

function createCarrier(): Carrier | undefined {
  // Not an import: a Worker without the flag nodejs_compat has no such module.
  type Process = { getBuiltinModule?(id: string): { AsyncLocalStorage: new () => Carrier } | undefined };
  const { process } = globalThis as { process?: Process };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage();
}
