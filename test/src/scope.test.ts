import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as macrotask } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Ending } from "../../src/ending.ts";
import { toSettings } from "../../src/options.ts";
import { currentScope, joinScope, leaveScope, openScope, runInScope, SMALL } from "../../src/scope.ts";
import type { State } from "../../src/state.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

function state(): State {
  const ending = new Ending(() => {}, toSettings(undefined));
  return { ending, owner: {}, body: undefined, stream: undefined, fixed: undefined, leased: false };
}

describe("a scope", () => {
  test("is open and empty at first, knows not yet of all that is built in it, and keeps what it was given", () => {
    const scope = openScope(SMALL);
    expect(scope).toEqual({ built: undefined, closed: false, whole: false, unwatched: SMALL });
    expect(openScope().unwatched).toBeUndefined();
  });

  test("lists what joins it, in order, and holds back its cancels", () => {
    const scope = openScope();
    const states = [state(), state()];
    const ends = states.map(({ ending }) => vi.spyOn(ending, "hold"));
    expect(states.map((state) => joinScope(state, scope))).toEqual([true, true]);
    expect(scope.built).toEqual(states);
    expect(ends.map((hold) => hold.mock.calls.length)).toEqual([1, 1]);
  });

  test("is left without its responses: what refers to it from now on must not keep them alive", () => {
    const scope = openScope();
    joinScope(state(), scope);
    leaveScope(scope);
    expect(scope.built).toBeUndefined();
  });

  test("is joined by nothing where no request is being handled", () => {
    const alone = state();
    const hold = vi.spyOn(alone.ending, "hold");
    expect([currentScope(), joinScope(alone), hold.mock.calls.length]).toEqual([undefined, false, 0]);
  });
});

describe.for([true, false])("runInScope, with whole %s", (whole) => {
  test("runs the handler with its arguments, in its scope, and returns what that returns", () => {
    const scope = openScope();
    const handler = (...all: unknown[]) => [currentScope() === scope, ...all];
    expect(runInScope(scope, whole, handler, 1, "two")).toEqual([true, 1, "two"]);
    expect(currentScope()).toBeUndefined();
  });

  test("throws what the handler throws, and leaves no scope behind", () => {
    const failure = new Error("handler failed");
    const handler = () => {
      throw failure;
    };
    expect(() => runInScope(openScope(), whole, handler)).toThrow(failure);
    expect(currentScope()).toBeUndefined();
  });

  test("in another scope gives the outer one back", async () => {
    const outer = openScope();
    const inner = openScope();
    const seen: unknown[] = [];
    const see = () => seen.push([outer, inner, undefined].indexOf(currentScope()));
    await runInScope(outer, whole, async () => {
      see();
      runInScope(inner, whole, see);
      see();
    });
    see();
    expect(seen).toEqual([0, 1, 0, 2]);
  });

  test(`carries the scope across awaits: ${whole}`, async () => {
    const scope = openScope();
    const seen: boolean[] = [];
    const handler = async () => {
      seen.push(currentScope() === scope);
      await macrotask();
      seen.push(currentScope() === scope);
    };
    const handled = runInScope(scope, whole, handler);
    expect(currentScope()).toBeUndefined();
    await handled;
    expect([seen, scope.whole]).toEqual([[true, whole], whole]);
  });

  test("gives no scope to what goes on after it was closed", async () => {
    const scope = openScope();
    let late: unknown = "not run";
    await runInScope(scope, whole, async () => {
      await macrotask();
      scope.closed = true;
      late = currentScope();
    });
    expect(late).toBeUndefined();
  });

  test("leaves other async contexts alone", async () => {
    const storage = new AsyncLocalStorage<string>();
    const handler = async () => {
      await macrotask();
      return storage.getStore();
    };
    expect(await storage.run("of the application", () => runInScope(openScope(), whole, handler))).toBe(
      "of the application",
    );
  });
});

describe("the request that is being handled", () => {
  test("is the inner one where a handler without AsyncLocalStorage runs in one that has it, until its first await", async () => {
    const outer = openScope();
    const inner = openScope();
    const seen: unknown[] = [];
    const see = () => seen.push([outer, inner, undefined].indexOf(currentScope()));
    await runInScope(outer, true, async () => {
      await macrotask();
      await runInScope(inner, false, async () => {
        see();
        await macrotask();
        see();
      });
      see();
    });
    // After its await nothing but the outer one's AsyncLocalStorage knows of a request.
    expect(seen).toEqual([1, 0, 0]);
  });

  test("never mixes with another, however the two interleave", async () => {
    const scopes = [openScope(), openScope(), openScope()];
    const handler = async (index: number) => {
      for (let i = 0; i < 10; i++) {
        await macrotask();
        if (currentScope() !== scopes[index]) return false;
      }
      return true;
    };
    const handled = scopes.map((scope, index) => runInScope(scope, true, handler, index));
    expect(await Promise.all(handled)).toEqual([true, true, true]);
  });

  test("is looked for without AsyncLocalStorage where the runtime has none: no further than the first await", async () => {
    vi.resetModules();
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    const { currentScope, openScope, runInScope } = await import("../../src/scope.ts");
    const scope = openScope();
    const seen: boolean[] = [];
    await runInScope(scope, true, async () => {
      seen.push(currentScope() === scope);
      await macrotask();
      seen.push(currentScope() === scope);
    });
    expect([seen, scope.whole]).toEqual([[true, false], false]);
  });
});
