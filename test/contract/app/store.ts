// The async context of each request, on the hosts that have AsyncLocalStorage.
import { note, pause } from "./records.ts";
import type { Route } from "./route.ts";
import { source } from "./source.ts";

interface Storage<T> {
  getStore(): T | undefined;
  run<R>(store: T, run: () => R): R;
}

type StorageClass = new <T>() => Storage<T>;

/** The host's own `AsyncLocalStorage`, where it has one. */
export function asyncLocalStorage(): StorageClass | undefined {
  type Process = { getBuiltinModule?(id: string): { AsyncLocalStorage: StorageClass } | undefined };
  const { process, AsyncLocalStorage } = globalThis as { process?: Process; AsyncLocalStorage?: StorageClass };
  return AsyncLocalStorage ?? process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
}

let storage: Storage<{ id: string; put?: string }> | undefined;

export const stores: Record<string, Route> = {
  store: ({ Class, id }) => {
    const Storage = asyncLocalStorage();
    if (!Storage) return new Response("there is no AsyncLocalStorage", { status: 501 });
    storage ??= new Storage();
    const { run, getStore } = { run: storage.run.bind(storage), getStore: storage.getStore.bind(storage) };
    const see = (what: string) => () => note(id, what, { store: getStore() ?? null });
    const store: { id: string; put?: string } = { id };
    return run(store, () => {
      const response = new Class(source(id, { chunks: 3, every: 5 }), see("built"));
      response.onFinished(async () => {
        await pause(5);
        see("awaited")();
      });
      run({ id: "another" }, () => response.onFinished(see("added in another")));
      response.finished.then(() => run({ id: "late" }, () => response.onFinished(see("added late"))));
      store.put = "after it was built";
      return response;
    });
  },
};
