import { afterEach, describe, expect, test } from "vitest";
import { wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { type Outcome, ResponseThen, responseFinished } from "../../../src/index.ts";
import { leaveNothingInFlight, settle } from "../../told.ts";

leaveNothingInFlight();

const told: unknown[] = [];
let unsubscribe = () => {};
afterEach(() => {
  unsubscribe();
  told.length = 0;
});

function listen(): void {
  unsubscribe = responseFinished.subscribe(({ type, request, response }) => {
    told.push([type, response.status, request]);
  });
}

const asked = { method: "PUT", url: "http://localhost/path?query" };
const request = () => new Request(asked.url, { method: asked.method });
const platformOf = ({ method }: Request) => ({ method, abandonAfter: 50 });

describe("while somebody listens to all responses", () => {
  test("a plain response of a wrapped handler is told too, with what it answers", async () => {
    listen();
    const response = await wrapHandler(() => new Response("Hello", { status: 201 }), platformOf)(request());
    expect(await response.text()).toBe("Hello");
    await settle();
    expect(told).toEqual([["completed", 201, asked]]);
  });

  test("a handler that threw is told as errored, with what it did not answer", async () => {
    listen();
    const handler = wrapHandler(() => Promise.reject(new Error("failed")), platformOf);
    await expect(handler(request())).rejects.toThrow("failed");
    await settle();
    expect(told).toEqual([["errored", 500, asked]]);
  });

  test("each ResponseThen that a wrapped handler sends knows it, and so do its own callbacks; what it drops answers nothing", async () => {
    listen();
    const own: Outcome[] = [];
    const handler = wrapHandler(async () => {
      new ResponseThen(null, (outcome) => own.push(outcome), { status: 204 });
      return new ResponseThen("Hello", (outcome) => own.push(outcome));
    }, platformOf);
    await (await handler(request())).text();
    await settle();
    expect(own.map(({ request }) => request)).toEqual([asked, undefined]);
    expect(told).toEqual([
      ["completed", 200, asked],
      ["canceled", 204, undefined],
    ]);
  });

  test("one that another request sends knows that one", async () => {
    listen();
    const own: Outcome[] = [];
    let built: Response | undefined;
    const builds = wrapHandler(() => {
      built = new ResponseThen("Hello", (outcome) => own.push(outcome));
      return new Response(null, { status: 204 });
    }, platformOf);
    await builds(new Request("http://localhost/builds"));
    await (await wrapHandler(() => built as Response, platformOf)(request())).text();
    await settle();
    expect(own.map(({ request }) => request)).toEqual([asked]);
    expect(told).toEqual([
      ["completed", 204, { method: "GET", url: "http://localhost/builds" }],
      ["completed", 200, asked],
    ]);
  });

  test("a ResponseThen outside of a wrapped handler has none", async () => {
    listen();
    await new ResponseThen("Hello", () => {}).text();
    await settle();
    expect(told).toEqual([["completed", 200, undefined]]);
  });
});

describe("while nobody listens", () => {
  test("the request is not looked at", () => {
    const untouched = new Proxy(request(), { get: () => expect.unreachable() });
    const handler = wrapHandler(
      () => new Response("Hello"),
      () => ({ method: "GET" }),
    );
    expect(handler(untouched)).toBeInstanceOf(Response);
  });

  test("a plain response of a wrapped handler stays what it is", async () => {
    const plain = new Response("Hello");
    expect(await wrapHandler(() => plain, platformOf)(request())).toBe(plain);
  });

  test("an outcome has no request", async () => {
    const own: Outcome[] = [];
    const handler = wrapHandler(() => new ResponseThen("Hello", (outcome) => own.push(outcome)), platformOf);
    await (await handler(request())).text();
    await settle();
    expect(own.map((outcome) => "request" in outcome)).toEqual([false]);
  });
});
