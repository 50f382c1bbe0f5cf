// Which request is being handled: a module variable knows until the handler's first `await`, and after it the runtime's
// `AsyncLocalStorage`, where it has one.
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { onEdge } from "../runtime.ts";
import type { CallbacksForAll } from "./callbacks-for-all.ts";

/** What is built while a request is handled may belong to it, or to another one that sends it: being listed is a hint. */
export interface Handling {
  /** The longest fixed body that its server takes as it is, in bytes; below 0 they are watched, as after its answer. */
  readonly fixedLimit: number;
  /** Whether its response has not ended yet: what is built after that in its async context is not listed. */
  readonly open: boolean;
  /** Lists a response that is being built; `true` while the request is not answered: its end may be its hand-over. */
  list(lifecycle: Lifecycle): boolean;
  /** Adds callbacks that run after whatever is sent. */
  add(callbacks: CallbacksForAll): void;
  /** The framework's handler has thrown this, and the framework answers in its place. */
  failed(error: unknown): void;
  /** Whether it is this request, or a copy of it, and not one that its handler makes. */
  answers(request: Request): boolean;
}

/** The part of `AsyncLocalStorage` that is used. */
interface Carrier {
  getStore(): Handling | undefined;
  run<T, Args extends readonly unknown[]>(store: Handling, callback: (...args: Args) => T, ...args: Args): T;
}

let carrier: Carrier | undefined;
let current: Handling | undefined;

/** The request being handled, where one is. */
export function currentHandling(): Handling | undefined {
  // The variable is the inner one: it is set while a handler runs, and not after its first await.
  const handling = current ?? carrier?.getStore();
  return handling?.open ? handling : undefined;
}

/** Runs a handler: what it builds finds `handling`. */
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
  // Not an import: a Worker without the flag nodejs_compat has no such module.
  type Process = { getBuiltinModule?(id: string): { AsyncLocalStorage: new () => Carrier } | undefined };
  const { process } = globalThis as { process?: Process };
  const hooks = process?.getBuiltinModule?.("node:async_hooks");
  return hooks && new hooks.AsyncLocalStorage();
}
