import type { RequestFacts } from "./outcome.ts";
import { onEdge } from "./runtime.ts";
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
  /** Whether it knows of every response that was built in it. */
  whole: boolean;
  /** For fixed bodies; without it, they are watched. */
  readonly unwatched: Unwatched | undefined;
  /** What is being answered, where somebody is to be told. */
  readonly request: RequestFacts | undefined;
}

/** Opens the scope of a request. */
export function openScope(unwatched?: Unwatched, request?: RequestFacts): Scope {
  return { built: undefined, closed: false, whole: false, unwatched, request };
}

/** The part of `AsyncLocalStorage` that is used. */
interface Carrier {
  getStore(): Scope | undefined;
  run<T, Args extends readonly unknown[]>(scope: Scope, callback: (...args: Args) => T, ...args: Args): T;
}

let carrier: Carrier | undefined;
let current: Scope | undefined;

/**
 * The request is answered. What its context leads to from now on, such as a kept connection, must not lead to its
 * responses: on Deno and Node they would live until the old generation is collected, at a third of what a request costs.
 */
export function leaveScope(scope: Scope): void {
  scope.built = undefined;
}

/** The request being handled, where one is. */
export function currentScope(): Scope | undefined {
  // The variable is the inner one: it is set while a handler runs, and not after its first await.
  const scope = current ?? carrier?.getStore();
  return scope && !scope.closed ? scope : undefined;
}

/** Registers a response that is being built; `false` where no request is being handled. */
export function joinScope(state: State, scope: Scope | undefined = currentScope()): boolean {
  if (!scope) return false;
  if (scope.built) scope.built.push(state);
  else scope.built = [state];
  state.ending.request ??= scope.request;
  state.ending.hold();
  return true;
}

/**
 * Runs a handler in its scope: what it builds before its first `await` belongs to that, and with `whole`, where the
 * runtime has `AsyncLocalStorage` (Node, Bun, Deno, Workers with `nodejs_compat`), all that it builds.
 */
export function runInScope<T, Args extends readonly unknown[]>(
  scope: Scope,
  whole: boolean,
  handler: (...args: Args) => T,
  ...args: Args
): T {
  if (whole) carrier ??= createCarrier();
  const outer = current;
  current = scope;
  try {
    if (!whole || !carrier) return handler(...args);
    scope.whole = true;
    return carrier.run(scope, handler, ...args);
  } finally {
    current = outer;
  }
}

function createCarrier(): Carrier | undefined {
  if (onEdge) return undefined;
  // Not an import: a Worker without the flag nodejs_compat has no such module.
  type Process = { getBuiltinModule?(id: string): { AsyncLocalStorage: new () => Carrier } | undefined };
  const { process } = globalThis as { process?: Process };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage();
}
