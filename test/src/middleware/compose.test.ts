import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { compose, type FetchHandler, type Middleware } from "../../../src/middleware/index.ts";
import { thrownBy } from "../../thrown-by.ts";

const GET = new Request("http://localhost/");

/** Writes down when it is called, when the request passes, and when the response does. */
function recording(name: string, events: string[]): Middleware {
  return (next) => {
    events.push(`${name} called`);
    return async (request, ...rest) => {
      events.push(`${name} in`);
      const response = await next(request, ...rest);
      events.push(`${name} out`);
      return response;
    };
  };
}

describe("compose", () => {
  test("makes the first middleware the outermost, and calls each once", async () => {
    const events: string[] = [];
    const handler = () => {
      events.push("handler");
      return new Response("Hello");
    };
    const composed = compose(handler, recording("a", events), recording("b", events));
    expect(events.splice(0)).toEqual(["b called", "a called"]);
    for (const _ of [1, 2]) {
      expect(await (await composed(GET)).text()).toBe("Hello");
      expect(events.splice(0)).toEqual(["a in", "b in", "handler", "b out", "a out"]);
    }
  });

  test("passes on what a platform gives beside the request", async () => {
    const env = { key: "value" };
    const given: unknown[] = [];
    const handler = (...all: [Request, { key: string }, number]) => {
      given.push(...all);
      return new Response();
    };
    await compose(handler, recording("a", []), recording("b", []))(GET, env, 7);
    expect(given).toEqual([GET, env, 7]);
    expect(given[1]).toBe(env);
  });

  test("answers at once where all do", () => {
    const pass: Middleware = (next) => (request) => next(request);
    expect(compose(() => new Response("Hello"), pass, pass)(GET)).toBeInstanceOf(Response);
  });

  test("makes a handler that Hono can mount", async () => {
    const events: string[] = [];
    const app = new Hono().mount(
      "/api",
      compose(({ url }: Request) => new Response(url), recording("a", events)),
    );
    expect(await (await app.request("/api/path")).text()).toBe("http://localhost/path");
    expect(events).toEqual(["a called", "a in", "a out"]);
  });

  test("without middleware returns the handler", () => {
    const handler = () => new Response();
    expect(compose(handler)).toBe(handler);
  });

  test("lets a middleware answer by itself, and lets what is thrown through", async () => {
    const events: string[] = [];
    const early: Middleware = () => () => new Response("early", { status: 401 });
    const composed = compose(() => new Response(), recording("a", events), early, recording("b", events));
    expect((await composed(GET)).status).toBe(401);
    expect(events).toEqual(["b called", "a called", "a in", "a out"]);
    const failure = new Error("failed");
    const failing = compose(
      () => {
        throw failure;
      },
      recording("c", []),
    );
    await expect(failing(GET)).rejects.toBe(failure);
  });

  test("throws at the call for a handler that is no function", () => {
    for (const [given, tag] of [
      [{ fetch() {} }, "Object"],
      [undefined, "Undefined"],
      ["GET", "string GET"],
    ] as const) {
      const run = () => compose(given as unknown as FetchHandler);
      expect(thrownBy(run)).toBe(`TypeError: handler: expected a fetch function, got ${tag}`);
    }
  });

  test("throws at the call for a middleware that is no function, before it calls any", () => {
    const events: string[] = [];
    const none = new Response() as unknown as Middleware;
    const run = () => compose(() => new Response(), recording("a", events), none, recording("c", events));
    expect(thrownBy(run)).toBe("TypeError: middleware 2 of 3: expected a function, got Response");
    expect(events).toEqual([]);
  });

  test("throws at the call for a middleware that returns no function", () => {
    const pass: Middleware = (next) => next;
    const late = (async (next: FetchHandler) => next) as unknown as Middleware;
    expect(thrownBy(() => compose(() => new Response(), pass, late))).toBe(
      "TypeError: what middleware 2 of 2 returned: expected a fetch function, got Promise",
    );
    const nothing = (() => {}) as unknown as Middleware;
    expect(thrownBy(() => compose(() => new Response(), nothing, pass))).toBe(
      "TypeError: what middleware 1 of 2 returned: expected a fetch function, got Undefined",
    );
  });
});
