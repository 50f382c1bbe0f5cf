import { type Context, Hono, type MiddlewareHandler } from "hono";
import { hc, type InferRequestType, type InferResponseType } from "hono/client";
import { createFactory, createMiddleware } from "hono/factory";
import type { logger as honoLogger } from "hono/logger";
import type { ExtractSchema } from "hono/types";
import { validator } from "hono/validator";
import { describe, expectTypeOf, test } from "vitest";
import { type Callback, logger, type Outcome, onFinished, type PrintFunction, responseThen } from "../adapters/hono.ts";

type Env = { Bindings: { key: string }; Variables: { user: { name: string } } };

declare const callback: Callback;

describe("createFactory", () => {
  const factory = createFactory<Env>({
    initApp: (app) => {
      app.use(responseThen(callback));
      app.use(logger());
    },
  });

  test("keeps its environment in createMiddleware, around responseThen and with onFinished", () => {
    const middleware = factory.createMiddleware(async (c, next) => {
      expectTypeOf(c.var.user).toEqualTypeOf<{ name: string }>();
      onFinished(c, (outcome) => {
        expectTypeOf(outcome).toEqualTypeOf<Outcome>();
        expectTypeOf(c.var.user.name).toEqualTypeOf<string>();
      });
      return responseThen(callback)(c, next);
    });
    expectTypeOf(middleware).toExtend<MiddlewareHandler<Env>>();
    // The one of hono/factory that needs no factory.
    createMiddleware<Env>((c, next) => {
      expectTypeOf(c.env.key).toEqualTypeOf<string>();
      return logger()(c, next);
    });
  });

  test("keeps its environment in createApp and createHandlers", () => {
    const app = factory.createApp();
    expectTypeOf(app).toExtend<Hono<Env>>();
    const handlers = factory.createHandlers(responseThen(), logger(), (c) => {
      expectTypeOf(c.env.key).toEqualTypeOf<string>();
      expectTypeOf(c.var.user.name).toEqualTypeOf<string>();
      onFinished(c, callback);
      return c.json({ user: c.var.user.name });
    });
    const routed = app.get("/user", ...handlers);
    expectTypeOf<InferResponseType<ReturnType<typeof hc<typeof routed>>["user"]["$get"]>>().toEqualTypeOf<{
      user: string;
    }>();
  });
});

describe("app.route", () => {
  test("takes an app with the middlewares, and one with them takes others", () => {
    const inner = new Hono<Env>().use(responseThen()).get("/user/:id", (c) => {
      onFinished(c, callback);
      return c.json({ id: c.req.param("id") });
    });
    const plain = new Hono<Env>().get("/user/:id", (c) => c.json({ id: c.req.param("id") }));
    const outer = new Hono<Env>().use(logger()).route("/api", inner);
    expectTypeOf<ExtractSchema<typeof inner>>().toExtend<ExtractSchema<typeof plain>>();
    expectTypeOf(hc<typeof outer>("").api.user[":id"].$get).parameter(0).toEqualTypeOf<{ param: { id: string } }>();
  });
});

describe("hc", () => {
  type Body = { title: string };
  const body = validator("json", (value): Body => value as Body);
  const bare = new Hono<Env>()
    .post("/posts/:id", body, (c) => c.json({ id: c.req.param("id"), title: c.req.valid("json").title }, 201))
    .get("/posts", (c) => c.text("none"));
  const watched = new Hono<Env>()
    .use(responseThen(callback))
    .use("/posts/*", logger())
    .post("/posts/:id", responseThen(), body, (c) => {
      onFinished(c, callback);
      return c.json({ id: c.req.param("id"), title: c.req.valid("json").title }, 201);
    })
    .get("/posts", (c) => c.text("none"));
  const [client, bareClient] = [hc<typeof watched>("/"), hc<typeof bare>("/")];
  type Post = (typeof client.posts)[":id"]["$post"];
  type BarePost = (typeof bareClient.posts)[":id"]["$post"];

  test("infers the same requests and responses with the middlewares as without", () => {
    expectTypeOf<InferRequestType<Post>>().toEqualTypeOf<InferRequestType<BarePost>>();
    expectTypeOf<InferResponseType<Post>>().toEqualTypeOf<InferResponseType<BarePost>>();
    expectTypeOf<InferRequestType<Post>>().toExtend<{ param: { id: string }; json: Body }>();
    expectTypeOf<InferResponseType<Post>>().toEqualTypeOf<{ id: string; title: string }>();
    expectTypeOf<InferResponseType<typeof client.posts.$get>>().toEqualTypeOf<"none">();
    // @ts-expect-error there is no such route, as there is none without the middlewares
    client.nowhere;
  });
});

describe("onFinished", () => {
  test("takes the context of every environment, path and input", () => {
    expectTypeOf(onFinished).toBeCallableWith({} as Context, callback);
    expectTypeOf(onFinished).toBeCallableWith({} as Context<Env, "/posts/:id">, callback);
    expectTypeOf(onFinished).toBeCallableWith({} as Context<Env, "/", { out: { json: { a: number } } }>, [callback], {
      timeout: 5,
    });
    // @ts-expect-error a request is no context
    onFinished(new Request("http://localhost/"), callback);
  });
});

describe("logger", () => {
  test("stands in for the one of hono/logger", () => {
    expectTypeOf(logger).toExtend<typeof honoLogger>();
    expectTypeOf<Parameters<typeof honoLogger>[0]>().toExtend<PrintFunction | undefined>();
    expectTypeOf(console.log).toExtend<PrintFunction>();
    expectTypeOf(logger()).toEqualTypeOf<MiddlewareHandler>();
    logger(async (line) => expectTypeOf(line).toEqualTypeOf<string>());
    // @ts-expect-error a print function gets a string
    logger((line: number) => line);
  });
});
