import { Hono, type MiddlewareHandler } from "hono";
import { createFactory } from "hono/factory";
import { describe, expectTypeOf, test } from "vitest";
import { type Handler, withResponseThen } from "../adapters/cloudflare.ts";
import { onFinished, responseThen } from "../adapters/hono.ts";
import { wrapHandler } from "../src/exchange/index.ts";
import {
  type Callback,
  type CallbackContext,
  type CallbackObject,
  type Callbacks,
  type Canceled,
  type Completed,
  type Consumed,
  type DrainResult,
  drain,
  type Errored,
  type Outcome,
  type Phase,
  ResponseThen,
  type ResponseThenInit,
  type ResponseThenOptions,
  responseFinished,
  type WaitUntil,
} from "../src/index.ts";

declare const response: Response;
declare const callback: Callback;

describe("ResponseThen", () => {
  test("takes a body, callbacks, an init, and options", () => {
    expectTypeOf(ResponseThen).constructorParameters.toEqualTypeOf<
      [
        body: ConstructorParameters<typeof Response>[0],
        callback: Callbacks,
        init?: ResponseThenInit | undefined,
        options?: ResponseThenOptions | undefined,
      ]
    >();
    expectTypeOf(new ResponseThen("data", callback)).toEqualTypeOf<ResponseThen>();
    expectTypeOf(new ResponseThen(null, callback, { status: 204, timeout: 5 })).toExtend<Response>();
    new ResponseThen(new ReadableStream<Uint8Array<ArrayBuffer>>(), [callback, { finally() {} }], response, {
      onCancel: "consume",
      consumeLimit: { bytes: 1 },
    });
    // @ts-expect-error a callback is needed, also where it might be undefined
    new ResponseThen("data");
    // @ts-expect-error an object is no body
    new ResponseThen({}, callback);
    // @ts-expect-error onCancel has two words
    new ResponseThen("data", callback, { onCancel: "stop" });
    // @ts-expect-error a string is no time
    new ResponseThen("data", callback, { timeout: "5 s" });
  });

  test("stands in for Response, as a class and as an instance", () => {
    expectTypeOf<ResponseThen>().toExtend<Response>();
    expectTypeOf<typeof ResponseThen.json>().toExtend<typeof Response.json>();
    expectTypeOf<typeof ResponseThen.redirect>().toExtend<typeof Response.redirect>();
    expectTypeOf<typeof ResponseThen.error>().toExtend<typeof Response.error>();
    // The constructor needs a callback where Response takes an init: who calls `new` must know which class it is.
    expectTypeOf<typeof ResponseThen>().not.toExtend<typeof Response>();
    expectTypeOf<typeof ResponseThen>().toExtend<Pick<typeof Response, keyof typeof Response>>();
    const prototype: typeof Response.prototype = ResponseThen.prototype;
    expectTypeOf(prototype).toEqualTypeOf<Response>();
  });

  test("has finished, onFinished and a plain clone", () => {
    const own = new ResponseThen("data", callback);
    expectTypeOf(own.finished).toEqualTypeOf<Promise<Outcome>>();
    expectTypeOf(own.onFinished(callback)).toEqualTypeOf<ResponseThen>();
    expectTypeOf(own.onFinished(callback).onFinished([]).finished).toEqualTypeOf<Promise<Outcome>>();
    expectTypeOf(own.clone()).toEqualTypeOf<Response>();
    // @ts-expect-error finished is read only
    own.finished = Promise.reject();
  });

  test("from takes any response, and gives a ResponseThen", () => {
    expectTypeOf(ResponseThen.from(response, callback, { timeout: 5 })).toEqualTypeOf<ResponseThen>();
    // @ts-expect-error a callback is needed
    ResponseThen.from(response);
    // @ts-expect-error a string is no response
    ResponseThen.from("data", callback);
  });

  test("json and redirect are plain without a callback, and ResponseThens with one", () => {
    expectTypeOf(ResponseThen.json({})).toEqualTypeOf<Response>();
    expectTypeOf(ResponseThen.json({}, { status: 201 })).toEqualTypeOf<Response>();
    expectTypeOf(ResponseThen.json({}, callback)).toEqualTypeOf<ResponseThen>();
    expectTypeOf(ResponseThen.json({}, { completed() {} }, { status: 201, timeout: 5 })).toEqualTypeOf<ResponseThen>();
    expectTypeOf(ResponseThen.redirect("/")).toEqualTypeOf<Response>();
    expectTypeOf(ResponseThen.redirect(new URL("http://localhost/"), 301)).toEqualTypeOf<Response>();
    expectTypeOf(ResponseThen.redirect("/", callback)).toEqualTypeOf<ResponseThen>();
    expectTypeOf(ResponseThen.redirect("/", [callback], 301)).toEqualTypeOf<ResponseThen>();
    // @ts-expect-error the status comes last
    ResponseThen.redirect("/", 301, callback);
  });

  test("can be a base class, and onFinished returns the class that it was called on", () => {
    class LoggedResponse extends ResponseThen {
      static override readonly waitUntil: WaitUntil = (promise) => promise;
      constructor(body: string, init?: ResponseThenInit) {
        super(body, (outcome) => outcome.type, init);
      }
      log() {}
    }
    const logged = new LoggedResponse("data", { status: 201 });
    expectTypeOf(logged.onFinished(callback)).toEqualTypeOf<LoggedResponse>();
    expectTypeOf(logged.onFinished(callback).log).toBeFunction();
    expectTypeOf(logged).toExtend<ResponseThen>();
  });
});

describe("Outcome", () => {
  test("is narrowed by its type", () => {
    const told = (outcome: Outcome) => {
      expectTypeOf(outcome.type).toEqualTypeOf<"completed" | "canceled" | "errored">();
      expectTypeOf(outcome.firstByteTime).toEqualTypeOf<number | undefined>();
      // @ts-expect-error only a canceled response has a reason
      outcome.reason;
      switch (outcome.type) {
        case "completed":
          expectTypeOf(outcome).toEqualTypeOf<Completed>();
          expectTypeOf(outcome).not.toHaveProperty("phase");
          return;
        case "canceled":
          expectTypeOf(outcome).toEqualTypeOf<Canceled>();
          expectTypeOf(outcome.reason).toEqualTypeOf<Error>();
          expectTypeOf(outcome.phase).toEqualTypeOf<Phase>();
          expectTypeOf(outcome.consumed).toEqualTypeOf<Consumed | undefined>();
          return;
        case "errored":
          expectTypeOf(outcome).toEqualTypeOf<Errored>();
          expectTypeOf(outcome.error).toEqualTypeOf<unknown>();
          expectTypeOf(outcome.phase).toEqualTypeOf<Phase>();
          return;
        default:
          expectTypeOf(outcome).toBeNever();
      }
    };
    expectTypeOf(told).toExtend<Callback>();
  });

  test("is read only", () => {
    const outcome = {} as Outcome;
    // @ts-expect-error what is over cannot be changed
    outcome.bytes = 0;
  });
});

describe("Callbacks", () => {
  test("are functions, objects with a member per outcome, and arrays of both", () => {
    expectTypeOf<() => void>().toExtend<Callbacks>();
    expectTypeOf<(outcome: Outcome, { signal }: CallbackContext) => Promise<number>>().toExtend<Callbacks>();
    expectTypeOf<{ completed(outcome: Completed): void }>().toExtend<Callbacks>();
    expectTypeOf<readonly [() => void, { finally(): void }]>().toExtend<Callbacks>();
    expectTypeOf<string>().not.toExtend<Callbacks>();
    expectTypeOf<{ complete(): void }>().not.toExtend<Callbacks>();
    expectTypeOf<(outcome: Completed) => void>().not.toExtend<Callbacks>();
  });

  test("of an object get the outcome of their member", () => {
    new ResponseThen("data", {
      completed: (outcome) => expectTypeOf(outcome).toEqualTypeOf<Completed>(),
      canceled: (outcome) => expectTypeOf(outcome).toEqualTypeOf<Canceled>(),
      errored: (outcome) => expectTypeOf(outcome).toEqualTypeOf<Errored>(),
      finally: (outcome, { signal }) => {
        expectTypeOf(outcome).toEqualTypeOf<Outcome>();
        expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
      },
    });
    expectTypeOf<keyof CallbackObject>().toEqualTypeOf<"completed" | "canceled" | "errored" | "finally">();
  });
});

describe("WaitUntil", () => {
  test("takes a function and every object with the method", () => {
    expectTypeOf<(promise: Promise<unknown>) => void>().toExtend<WaitUntil>();
    expectTypeOf<{
      waitUntil(promise: Promise<unknown>): void;
      passThroughOnException(): void;
    }>().toExtend<WaitUntil>();
    expectTypeOf<{ waitUntil(promise: PromiseLike<unknown>): void }>().toExtend<WaitUntil>();
    expectTypeOf<{ wait(): void }>().not.toExtend<WaitUntil>();
  });
});

describe("drain and responseFinished", () => {
  test("are typed as they are documented", () => {
    expectTypeOf(drain).parameters.toEqualTypeOf<[options?: { timeout?: number } | undefined]>();
    expectTypeOf(drain()).toEqualTypeOf<Promise<DrainResult>>();
    expectTypeOf(responseFinished.subscribe).toEqualTypeOf<(listener: Callbacks) => () => void>();
  });
});

describe("the hono adapter", () => {
  test("is a middleware for apps of any environment, and for createFactory", () => {
    type Env = { Bindings: { key: string }; Variables: { user: string } };
    expectTypeOf(responseThen(callback, { timeout: 5 })).toEqualTypeOf<MiddlewareHandler>();
    const app = new Hono<Env>();
    app.use(responseThen());
    app.use("/path/*", responseThen(callback));
    app.get("/", responseThen({ errored() {} }), (c) => {
      onFinished(c, (outcome) => expectTypeOf(outcome).toEqualTypeOf<Outcome>());
      expectTypeOf(c.env.key).toEqualTypeOf<string>();
      expectTypeOf(c.var.user).toEqualTypeOf<string>();
      return c.text("Hello");
    });
    const factory = createFactory<Env>();
    factory.createApp().use(responseThen());
    factory.createHandlers(responseThen(callback), (c) => {
      onFinished(c, callback, { onError: () => {} });
      return new ResponseThen(c.env.key, callback);
    });
    factory.createMiddleware(async (c, next) => {
      await next();
      onFinished(c, [callback]);
    });
  });
});

describe("the Cloudflare adapter", () => {
  interface Environment {
    readonly key: string;
  }
  interface Context {
    waitUntil(promise: Promise<unknown>): void;
  }

  test("withResponseThen keeps the worker's type, its other handlers included", () => {
    const worker = {
      fetch: async (_: Request, env: Environment, ctx: Context) =>
        new ResponseThen(env.key, callback, { waitUntil: ctx }),
      scheduled: async (_: { cron: string }, __: Environment) => 7,
    };
    expectTypeOf(withResponseThen(worker)).toEqualTypeOf<typeof worker>();
    expectTypeOf(withResponseThen(worker, callback).scheduled).returns.toEqualTypeOf<Promise<number>>();
    const fetch = (request: Request, env: Environment) => new Response(request.url + env.key);
    expectTypeOf(withResponseThen(fetch, { finally() {} })).toEqualTypeOf<typeof fetch>();
    expectTypeOf<typeof worker>().toExtend<Handler>();
    // @ts-expect-error a string answers no request
    withResponseThen("worker");
    // @ts-expect-error a worker's fetch is a function
    withResponseThen({ fetch: "data" });
    // @ts-expect-error a callback object has a known member
    withResponseThen(worker, { complete() {} });
  });
});

describe("wrapHandler", () => {
  test("keeps the further arguments of the handler", () => {
    const handler = (_: Request, env: { key: string }, count: number) => new Response(env.key.repeat(count));
    const wrapped = wrapHandler(handler, ({ method }) => ({ method }));
    expectTypeOf(wrapped).parameters.toEqualTypeOf<[request: Request, env: { key: string }, count: number]>();
    expectTypeOf(wrapped).returns.toEqualTypeOf<Response | Promise<Response>>();
  });
});
