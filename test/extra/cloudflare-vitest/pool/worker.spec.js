import { createExecutionContext, SELF, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { drain, ResponseThen } from "response-then";
import { ResponseThen as Bound } from "response-then/cloudflare";
import { consume } from "response-then/testing";
import { beforeEach, expect, test, vi } from "vitest";
import worker, { told, withContext, wrapped } from "./worker.js";

const request = () => new Request("http://localhost/");

beforeEach(() => {
  told.length = 0;
});

test("the plain import is the class of Workers", () => {
  expect(ResponseThen).toBe(Bound);
});

test("a response that the test builds", async () => {
  expect(await consume(new ResponseThen("Hello", () => {}))).toMatchObject({ type: "completed", bytes: 5 });
});

test.for([
  ["SELF", SELF],
  ["exports.default", exports.default],
])("a request through %s", async ([, self]) => {
  expect(await (await self.fetch(request())).text()).toBe("Hello");
  await vi.waitUntil(() => told.length > 0, { timeout: 4_000 });
  expect(told).toEqual(["completed"]);
});

test.for([
  ["that gives the response its ctx", withContext],
  ["that is wrapped", wrapped],
])("waitOnExecutionContext() waits for the callbacks of a Worker %s", async ([, { fetch }]) => {
  const ctx = createExecutionContext();
  expect(await (await fetch(request(), env, ctx)).text()).toBe("Hello");
  await waitOnExecutionContext(ctx);
  expect(told).toEqual(["completed"]);
});

test("with the class alone it does not wait, because that uses no ctx; `finished` and drain() do", async () => {
  for (const wait of [(response) => response.finished, () => drain()]) {
    const ctx = createExecutionContext();
    const response = await worker.fetch(request(), env, ctx);
    expect(await response.text()).toBe("Hello");
    await waitOnExecutionContext(ctx);
    expect(told.splice(0)).toEqual([]);
    await wait(response);
    expect(told.splice(0)).toEqual(["completed"]);
  }
});
