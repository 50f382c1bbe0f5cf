// msw's server.listen() replaces Headers and Response: headers that it has not seen being given to a constructor are lost
// where new Headers() are made of them. Libraries do that. And what a handler of msw returns is passed on by msw itself.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Outcome, ResponseThen } from "../../../src/index.ts";

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

const HANDLED = "http://handled.example/";

/** Lets a handler answer with a body of its own response; fulfils with what `fetch()` gets, and what is told. */
async function fetchHandled(body: string | ReadableStream): Promise<{ response: Response; told: string[] }> {
  const told: string[] = [];
  const callback = ({ type, bytes }: Outcome) => void told.push(`${type} ${bytes}`);
  server.use(http.get(HANDLED, () => new ResponseThen(body, callback, { status: 201, ...init })));
  return { response: await fetch(HANDLED), told };
}

test.for([
  ["a string", "text"],
  ["a stream", new Blob(["te", "xt"]).stream()],
] as const)("what a handler returns arrives whole, and its callback runs: %s", async ([, body]) => {
  const { response, told } = await fetchHandled(body);
  expect(response).not.toBeInstanceOf(ResponseThen);
  expect([response.status, response.url, response.headers.get("x-kept")]).toEqual([201, HANDLED, "yes"]);
  expect(await response.text()).toBe("text");
  await vi.waitFor(() => expect(told).toEqual(["completed 4"]));
});

test("who cancels what a handler returned cancels its source", async () => {
  let canceled = false;
  const pull = (controller: ReadableStreamDefaultController) => controller.enqueue(new TextEncoder().encode("piece"));
  const cancel = () => {
    canceled = true;
  };
  const { response, told } = await fetchHandled(new ReadableStream({ pull, cancel }, { highWaterMark: 0 }));
  const reader = response.body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  await reader?.cancel();
  await vi.waitFor(() => expect(told).toEqual([expect.stringMatching(/^canceled \d+$/)]));
  expect(canceled).toBe(true);
});
