// What a framework gets of response-then/cloudflare in Node: the names of the Workers' build, and the same wrapping.
import { expect, test } from "vitest";
import { ResponseThen, withResponseThen } from "../../adapters/cloudflare-elsewhere.ts";

/** A Worker with a private field, as a class makes it. */
class Greeter {
  readonly #word = "Hello";
  fetch(_request: Request, _env: object, _ctx: object): Response {
    return new ResponseThen(this.#word, () => {});
  }
  scheduled(): string {
    return this.#word;
  }
}

// Its other handlers were called on the wrapped object, which has no private fields.
test("a wrapped Worker's handlers are called on the Worker, and are members of their own", async () => {
  const worker = withResponseThen(new Greeter());
  expect(await worker.fetch(new Request("http://localhost/"), {}, {}).text()).toBe("Hello");
  expect(worker.scheduled()).toBe("Hello");
  expect(Object.keys(worker).sort()).toEqual(["fetch", "scheduled"]);
});

test("the ctx that fetch is given waits for the callbacks, and without one nobody has to", async () => {
  const waited: Promise<unknown>[] = [];
  const told: string[] = [];
  const worker = withResponseThen({
    fetch: (_request: Request, _env?: object, _ctx?: object) =>
      new ResponseThen("Hello", ({ type }) => void told.push(type)),
  });
  const ctx = { waitUntil: (promise: Promise<unknown>) => void waited.push(promise) };
  await worker.fetch(new Request("http://localhost/"), {}, ctx).text();
  await Promise.all(waited);
  expect([waited.length, told]).toEqual([1, ["completed"]]);
  const alone = worker.fetch(new Request("http://localhost/")) as ResponseThen;
  await alone.text();
  await alone.finished;
  expect(told).toEqual(["completed", "completed"]);
});
