import { setImmediate as macrotask } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ResponseThen } from "../../../src/index.ts";
import { type ResponseThenOptions, toSettings } from "../../../src/lifecycle/options.ts";

const wrong = [
  [{ waitUntil: 1 }, TypeError, "waitUntil: expected a function, or an object with the method waitUntil, got number 1"],
  [{ waitUntil: null }, TypeError, "waitUntil: expected a function, or an object with the method waitUntil, got Null"],
  [{ waitUntil: {} }, TypeError, "waitUntil: expected a function, or an object with the method waitUntil, got Object"],
  [
    { waitUntil: { waitUntil: "later" } },
    TypeError,
    "waitUntil: expected a function, or an object with the method waitUntil, got Object",
  ],
  [{ timeout: -1 }, RangeError, "timeout: expected a number, 0 or more, got number -1"],
  [{ timeout: Number.NaN }, RangeError, "timeout: expected a number, 0 or more, got number NaN"],
  [{ timeout: Number.NEGATIVE_INFINITY }, RangeError, "timeout: expected a number, 0 or more, got number -Infinity"],
  [{ timeout: "5" }, RangeError, "timeout: expected a number, 0 or more, got string 5"],
  [{ timeout: null }, RangeError, "timeout: expected a number, 0 or more, got Null"],
  [{ timeout: 5n }, RangeError, "timeout: expected a number, 0 or more, got BigInt"],
  [{ capture: -1 }, RangeError, "capture: expected a number, 0 or more, got number -1"],
  [{ capture: "1 MB" }, RangeError, "capture: expected a number, 0 or more, got string 1 MB"],
  [{ onError: "log" }, TypeError, "onError: expected a function, got string log"],
  [{ onError: null }, TypeError, "onError: expected a function, got Null"],
  [{ onError: {} }, TypeError, "onError: expected a function, got Object"],
  [{ onCancel: "stop" }, TypeError, 'onCancel: expected "cancel" or "consume", got string stop'],
  [{ onCancel: true }, TypeError, 'onCancel: expected "cancel" or "consume", got Boolean'],
  [{ onCancel: null }, TypeError, 'onCancel: expected "cancel" or "consume", got Null'],
  [
    { onCancel: "consume", consumeLimit: { bytes: -1 } },
    RangeError,
    "consumeLimit.bytes: expected a number, 0 or more, got number -1",
  ],
  [
    { onCancel: "consume", consumeLimit: { bytes: "1 MB" } },
    RangeError,
    "consumeLimit.bytes: expected a number, 0 or more, got string 1 MB",
  ],
  [
    { onCancel: "consume", consumeLimit: { ms: Number.NaN } },
    RangeError,
    "consumeLimit.ms: expected a number, 0 or more, got number NaN",
  ],
] as const;

/** Options that TypeScript would not let through, as JavaScript brings them. */
const untyped = (options: unknown) => options as ResponseThenOptions;

describe("a wrong option", () => {
  test.for(wrong)("%o throws at the call, and says what was expected and what came", ([options, Type, message]) => {
    const calls = [
      () => toSettings(untyped(options)),
      () => new ResponseThen("data", () => {}, untyped(options)),
      () => new ResponseThen("data", () => {}, {}, untyped(options)),
      () => ResponseThen.from(new Response("data"), () => {}, untyped(options)),
      () => ResponseThen.json({}, () => {}, untyped(options)),
    ];
    for (const call of calls) {
      expect(call).toThrow(Type);
      expect(call).toThrow(message);
    }
  });

  test.for([
    [null, "consumeLimit: expected .*, got Null"],
    [5, "consumeLimit: expected .*, got number 5"],
    ["1 MB", "consumeLimit: expected .*, got string 1 MB"],
  ] as const)("consumeLimit %o throws a TypeError that names it and what came", ([consumeLimit, message]) => {
    const call = () => toSettings(untyped({ onCancel: "consume", consumeLimit }));
    expect(call).toThrow(TypeError);
    expect(call).toThrow(new RegExp(message));
  });

  // A limit that is checked only once somebody turns on "consume" hides its typing error until then.
  test("in consumeLimit throws whatever onCancel is", () => {
    expect(() => toSettings({ consumeLimit: { bytes: -1 } })).toThrow(RangeError);
    expect(() => toSettings({ onCancel: "cancel", consumeLimit: { ms: Number.NaN } })).toThrow(RangeError);
  });

  test.for([5, "30s", true] as const)("%o in place of the options throws a TypeError", (options) => {
    expect(() => ResponseThen.from(new Response("data"), () => {}, untyped(options))).toThrow(TypeError);
  });

  test("leaves the body as it was: neither locked nor read", () => {
    const source = new ReadableStream();
    expect(() => new ResponseThen(source, () => {}, { timeout: -1 })).toThrow(RangeError);
    expect(source.locked).toBe(false);
  });
});

describe("toSettings", () => {
  test.for([undefined, null, {}])("of %o is the defaults", (options) => {
    expect(toSettings(options)).toEqual({
      waitUntil: undefined,
      chosen: false,
      timeout: 30_000,
      onError: undefined,
      consumeLimits: undefined,
      capture: undefined,
    });
  });

  test("takes undefined for every member as if it were not there", () => {
    const absent = { waitUntil: undefined, timeout: undefined, onError: undefined, onCancel: undefined };
    expect(toSettings({ ...absent, consumeLimit: undefined })).toEqual(toSettings({}));
  });

  test("keeps what it is given, the ends of the ranges included", () => {
    const onError = () => {};
    expect(toSettings({ timeout: 0, onError })).toMatchObject({ timeout: 0, onError });
    expect(toSettings({ timeout: Number.POSITIVE_INFINITY }).timeout).toBe(Number.POSITIVE_INFINITY);
  });

  test("fills the limits of consuming in, each by itself", () => {
    const limits = (consumeLimit?: ResponseThenOptions["consumeLimit"]) =>
      toSettings({ onCancel: "consume", consumeLimit }).consumeLimits;
    expect(limits()).toEqual({ bytes: 16_777_216, ms: 30_000 });
    expect(limits({ bytes: 0 })).toEqual({ bytes: 0, ms: 30_000 });
    expect(limits({ ms: Number.POSITIVE_INFINITY })).toEqual({ bytes: 16_777_216, ms: Number.POSITIVE_INFINITY });
  });

  test("has no limits of consuming where a cancel cancels", () => {
    expect(toSettings({ onCancel: "cancel", consumeLimit: { bytes: 1 } }).consumeLimits).toBeUndefined();
  });

  test("prefers the waitUntil of the options to the platform's", () => {
    const asked: string[] = [];
    const own = () => asked.push("own");
    const ambient = () => asked.push("ambient");
    toSettings({ waitUntil: own }, ambient).waitUntil?.(Promise.resolve());
    toSettings({}, ambient).waitUntil?.(Promise.resolve());
    expect(asked).toEqual(["own", "ambient"]);
  });
});

describe("waitUntil", () => {
  test("is called once, in the constructor, with the promise that fulfils when the callbacks have settled", async () => {
    const events: unknown[] = [];
    const response = new ResponseThen("data", () => events.push("callback"), {
      waitUntil(promise) {
        events.push("waitUntil");
        promise.then(() => events.push("over"));
      },
    });
    events.push("built");
    await response.text();
    await response.finished;
    expect(events).toEqual(["waitUntil", "built", "callback", "over"]);
  });

  // Guards against an "Illegal invocation" of platforms whose method looks at its object.
  test("as a method is called on its own object", async () => {
    class ExecutionContext {
      readonly promises: Promise<unknown>[] = [];
      waitUntil(promise: Promise<unknown>) {
        this.promises.push(promise);
      }
    }
    const context = new ExecutionContext();
    const response = new ResponseThen(null, () => {}, { waitUntil: context });
    expect(context.promises).toEqual([response.finished]);
    await response.finished;
  });

  test("that throws makes the constructor throw its error, and no callback runs", async () => {
    const events: string[] = [];
    const refusal = new Error("at global scope");
    const build = () =>
      new ResponseThen(null, () => events.push("callback"), {
        waitUntil() {
          throw refusal;
        },
      });
    expect(build).toThrow(refusal);
    await macrotask();
    await macrotask();
    expect(events).toEqual([]);
  });

  test("of a subclass is used where the options bring none, and those win", async () => {
    const events: string[] = [];
    class PlatformResponse extends ResponseThen {
      static override readonly waitUntil = () => events.push("platform");
    }
    const built = [
      new PlatformResponse(null, () => {}),
      new PlatformResponse(null, () => {}, { waitUntil: () => events.push("own") }),
    ];
    await Promise.all(built.map(({ finished }) => finished));
    expect(events).toEqual(["platform", "own"]);
  });
});
