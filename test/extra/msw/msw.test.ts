// msw's server.listen() replaces Headers and Response: headers that it has not seen being given to a constructor are lost
// where new Headers() are made of them. Libraries do that.
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResponseThen } from "../../../src/index.ts";

// By a name that is not resolved where types are checked: it is installed here alone.
const { HttpResponse, http } = await import("msw" as string);
const { setupServer } = await import("msw/node" as string);

const server = setupServer(http.get("http://upstream.example/", () => HttpResponse.text("text")));
beforeAll(() => server.listen());
afterAll(() => server.close());

const init = { headers: { "x-kept": "yes", "set-cookie": "a=1" } };
const nothing = () => {};

test.for<[string, () => Response | Promise<Response>]>([
  ["a string", () => new ResponseThen("text", nothing, init)],
  ["URLSearchParams", () => new ResponseThen(new URLSearchParams("a=1"), nothing, init)],
  ["json()", () => ResponseThen.json({}, nothing, init)],
  ["redirect()", () => ResponseThen.redirect("http://upstream.example/", nothing)],
  ["a string around another response", () => new ResponseThen("text", nothing, new Response(null, init))],
  ["a clone", () => new ResponseThen("text", nothing, init).clone()],
  ["from()", async () => ResponseThen.from(await fetch("http://upstream.example/"), nothing)],
])("no header of %s is lost where its headers are copied", async ([, make]) => {
  const { headers } = await make();
  const own = Object.fromEntries(headers);
  expect(Object.keys(own).length).toBeGreaterThan(0);
  expect(Object.fromEntries(new Headers(headers))).toEqual(own);
});
