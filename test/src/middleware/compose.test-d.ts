import { Hono } from "hono";
import { describe, expectTypeOf, test } from "vitest";
import { compose, type FetchHandler, headers, logger, type Middleware } from "../../../src/middleware/index.ts";

interface Env {
  readonly key: string;
}
interface Context {
  waitUntil(promise: Promise<unknown>): void;
}
declare const handler: (request: Request, env: Env, ctx: Context) => Response;
declare const onNumbers: Middleware<[number]>;

describe("compose", () => {
  test("returns a handler that wants what the inner one wants", () => {
    type Expected = FetchHandler<[env: Env, ctx: Context]>;
    expectTypeOf(compose(handler, logger(), headers({ a: "b" }))).toEqualTypeOf<Expected>();
    expectTypeOf(compose(() => new Response())).toEqualTypeOf<FetchHandler<[]>>();
    expectTypeOf(compose(async () => new Response(), logger())).toEqualTypeOf<FetchHandler<[]>>();
  });

  test("takes the fetch of a Hono app", () => {
    expectTypeOf(compose(new Hono().fetch, logger())).toBeCallableWith(new Request("http://localhost/"));
  });

  test("takes a middleware that is written for every handler", () => {
    const onlyGet: Middleware =
      (next) =>
      (request, ...rest) =>
        request.method === "GET" ? next(request, ...rest) : new Response("Only GET", { status: 405 });
    expectTypeOf(compose(handler, onlyGet, logger())).toEqualTypeOf<FetchHandler<[env: Env, ctx: Context]>>();
  });

  test("takes a middleware that is made apart", () => {
    const [log, added] = [logger({ remote: (_request, env: Env) => env.key }), headers({ a: "b" })];
    expectTypeOf(compose(handler, log, added)).toEqualTypeOf<FetchHandler<[env: Env, ctx: Context]>>();
  });

  test("refuses a middleware that is written for other handlers", () => {
    // @ts-expect-error: the handler gets no number
    compose(handler, onNumbers);
  });
});

describe("the logger's remote", () => {
  test("gets what the handler gets, as much of it as it takes", () => {
    compose(handler, logger({ remote: (request, env, ctx) => `${request.url} ${env.key} ${ctx.waitUntil}` }));
    compose(handler, logger({ remote: (_request, env) => env.key }), headers({ a: "b" }));
    compose(handler, logger({ remote: ({ headers }) => headers.get("cf-connecting-ip") }));
    // @ts-expect-error: there is no such member
    compose(handler, logger({ remote: (_request, env) => env.missing }));
  });
});
