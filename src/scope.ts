import type { State } from "./state.ts";

/** How a platform takes fixed bodies: it tells by itself when they are over, and nobody needs to watch them. */
export interface Unwatched {
  /** The longest of them, in bytes. */
  readonly limit: number;
  /**
   * Whether the response is built without its body, and the answer made when it is handed over: for servers of Node,
   * which read a response by its members, and where a body costs many times what the rest of a response does.
   */
  readonly deferred: boolean;
}

/** For platforms that cannot tell of a long fixed body whether the client got it. */
export const SMALL: Unwatched = { limit: 65_536, deferred: false };

/**
 * The handling of one request: knows the responses that were built in it, so that those which are dropped or replaced
 * on the way out can be told from those that are not ours.
 */
export interface Scope {
  /** The states of the responses built so far, in their order; most requests have one. */
  built: State[] | undefined;
  /** Closed when the request was answered: what is built later in its async context does not belong to it. */
  closed: boolean;
  /** For fixed bodies; without it, they are watched. */
  readonly unwatched: Unwatched | undefined;
}

/** Opens the scope of a request. */
export function openScope(unwatched?: Unwatched): Scope {
  return { built: undefined, closed: false, unwatched };
}

/** The part of `AsyncLocalStorage` that is used. */
interface Carrier {
  getStore(): Scope | undefined;
  run<T, Args extends readonly unknown[]>(scope: Scope, callback: (...args: Args) => T, ...args: Args): T;
}

let carrier: Carrier | undefined;
let current: Scope | undefined;

/** The request being handled, where one is. */
export function currentScope(): Scope | undefined {
  const scope = carrier ? carrier.getStore() : current;
  return scope && !scope.closed ? scope : undefined;
}

/** Registers a response that is being built; `false` where no request is being handled. */
export function joinScope(state: State, scope: Scope | undefined = currentScope()): boolean {
  if (!scope) return false;
  if (scope.built) scope.built.push(state);
  else scope.built = [state];
  state.ending.hold();
  return true;
}

/**
 * Runs a handler in its scope.
 *
 * Where the runtime has `AsyncLocalStorage` (Node, Bun, Deno, Workers with `nodejs_compat`), everything that the handler
 * does belongs to the scope; elsewhere only what it does before its first `await`, and {@linkcode scopeIsWhole} says so.
 */
export function runInScope<T, Args extends readonly unknown[]>(
  scope: Scope,
  handler: (...args: Args) => T,
  ...args: Args
): T {
  carrier ??= createCarrier();
  if (carrier) return carrier.run(scope, handler, ...args);
  const outer = current;
  current = scope;
  try {
    return handler(...args);
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
