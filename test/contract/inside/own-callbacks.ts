import { asyncLocalStorage } from "../app/store.ts";
import { ended, type Inside, pause, source } from "./inside.ts";

const fail = (message: string) => () => {
  throw new Error(message);
};

export const ownCallbacks: readonly Inside[] = [
  {
    text: "a callback registered inside another callback runs, once",
    from: "own",
    async run(Class) {
      const seen: string[] = [];
      const response = new Class("text", () => {
        seen.push("outer");
        response.onFinished(({ type }) => {
          seen.push(`inner ${type}`);
          response.onFinished(() => seen.push("innermost"));
        });
      });
      await response.text();
      await ended(response);
      await pause(30);
      return seen;
    },
    expected: ["outer", "inner completed", "innermost"],
  },
  {
    text: "a thousand callbacks on one response run in their order",
    from: "own",
    async run(Class) {
      const seen: number[] = [];
      const response = new Class("text", []);
      for (let i = 0; i < 1_000; i++) response.onFinished(() => seen.push(i));
      await response.text();
      await ended(response);
      return [seen.length, seen.every((value, i) => value === i)];
    },
    expected: [1_000, true],
  },
  {
    text: "of an object of callbacks that of the outcome runs, and then `finally`, also after it failed",
    from: "own",
    async run(Class) {
      const seen: string[] = [];
      const object = {
        completed: () => seen.push("completed"),
        canceled: () => seen.push("canceled"),
        errored: fail("errored"),
        finally: () => seen.push("finally"),
      };
      const onError = (error: unknown) => seen.push(`reported ${(error as Error).message}`);
      const [read, left] = [new Class("text", object), new Class("text", object)];
      const failing = new Class(source([], [], { error: new Error("no") }), object, { onError });
      await read.text();
      await ended(read);
      await left.body?.cancel();
      await ended(left);
      await failing.text().catch(() => {});
      await ended(failing);
      return seen;
    },
    expected: ["completed", "finally", "canceled", "finally", "reported errored", "finally"],
  },
  {
    text: "a callback that outlasts its timeout: its signal aborts, it is reported once, and `finished` fulfils",
    from: "own",
    async run(Class) {
      const seen: unknown[] = [];
      const response = new Class(
        "text",
        (_, { signal }) => {
          signal.addEventListener("abort", () => seen.push(`aborted: ${signal.reason.name}`));
          return new Promise(() => {});
        },
        { timeout: 50, onError: (error) => seen.push(`reported: ${(error as Error).name}`) },
      );
      await response.text();
      const { type } = await ended(response);
      return [...seen, type];
    },
    expected: ["aborted: TimeoutError", "reported: TimeoutError", "completed"],
  },
  {
    text: "an `onError` that fails itself stops no callback, and goes no further",
    from: "own",
    async run(Class) {
      const seen: string[] = [];
      const callbacks = [fail("callback failed"), () => seen.push("the next one")];
      const response = new Class("text", callbacks, { onError: fail("onError failed, as the test wants it") });
      await response.text();
      seen.push((await ended(response)).type);
      return seen;
    },
    expected: ["the next one", "completed"],
  },
  {
    text: "a callback sees the live store of its `AsyncLocalStorage`, with what was put into it after it registered",
    from: "own",
    async run(Class) {
      const Storage = asyncLocalStorage();
      if (!Storage) return "there is no AsyncLocalStorage";
      const storage = new Storage<{ put?: string }>();
      const seen: unknown[] = [];
      const response = storage.run({}, () => {
        const response = new Class(source(["a"]), async () => {
          seen.push(storage.getStore()?.put);
          await pause(5);
          seen.push(storage.getStore()?.put);
        });
        (storage.getStore() as { put?: string }).put = "later";
        return response;
      });
      await storage.run({ put: "of the reader" }, () => response.text());
      await ended(response);
      return seen;
    },
    expected: ["later", "later"],
  },
  {
    text: "a callback that is registered late, or elsewhere, sees the store of where it was registered",
    from: "own",
    async run(Class) {
      const Storage = asyncLocalStorage();
      if (!Storage) return "there is no AsyncLocalStorage";
      const storage = new Storage<string>();
      const seen: unknown[] = [];
      const see = () => seen.push(storage.getStore());
      const response = storage.run("handler", () => new Class("text", see));
      storage.run("middleware", () => response.onFinished(see));
      response.onFinished(() => seen.push(storage.getStore() ?? "none"));
      await response.text();
      await ended(response);
      storage.run("late", () => response.onFinished(see));
      await pause(30);
      return seen;
    },
    expected: ["handler", "middleware", "none", "late"],
  },
  {
    text: "what is no callback, and what is no option, is refused at the call, and says what was expected",
    from: "own",
    run(Class) {
      const calls: (() => unknown)[] = [
        () => new Class("text", undefined as never),
        () => new Class("text", "text" as never),
        () => new Class("text", [1] as never),
        () => new Class("text", {} as never),
        () => new Class("text", () => {}, { timeout: -1 }),
        () => new Class("text", () => {}, { waitUntil: 1 as never }),
        () => new Class("text", () => {}).onFinished(null as never),
        () => Class.from("text" as never, () => {}),
        () => Class.stream("text" as never, () => {}),
      ];
      return calls.map((call) => {
        try {
          return `nothing: ${call()}`;
        } catch (error) {
          const { name, message } = error as Error;
          return `${name}: ${/\bexpected\b.*\bgot\b/.test(message)}`;
        }
      });
    },
    expected: [4, 1, 4].flatMap((count, i) =>
      Array(count).fill(`${["TypeError", "RangeError", "TypeError"][i]}: true`),
    ),
  },
];
