// Platforms that say by an ambient context which request is being handled: each is asked to wait for the callbacks of its own
// responses, whatever else is handled meanwhile. Neither platform is run; the contexts are set up as they document them.
import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import * as netlify from "../../adapters/netlify.ts";
import * as vercel from "../../adapters/vercel.ts";
import type { Outcome } from "../../src/index.ts";

const COUNT = 300;

interface Context {
  readonly id: string;
  readonly promises: Promise<unknown>[];
  waitUntil(promise: Promise<unknown>): void;
}

const storage = new AsyncLocalStorage<Context>();
const symbol = Symbol.for("@vercel/request-context");
const globals = globalThis as { [key: symbol]: unknown; Netlify?: unknown };
globals[symbol] = { get: () => storage.getStore() };
globals.Netlify = {
  get context() {
    return storage.getStore() ?? null;
  },
};
afterAll(() => {
  delete globals[symbol];
  delete globals.Netlify;
});

const endings = ["text", "stream", "later", "canceled", "fails", "nothing"];

function sourceOf(id: string, fails: boolean): ReadableStream {
  let pulls = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(Math.random() * 20);
        if (pulls++ < 3) return controller.enqueue(new Uint8Array(10));
        if (fails) return controller.error(new Error(id));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

describe.each([
  { name: "Vercel", Class: vercel.ResponseThen, wrap: vercel.withResponseThen },
  { name: "Netlify", Class: netlify.ResponseThen, wrap: netlify.withResponseThen },
])("on $name", ({ Class, wrap }) => {
  const told: [id: string | undefined, expected: string][] = [];

  async function handler({ url }: Request): Promise<Response> {
    const [ending, id = ""] = new URL(url).pathname.split("/").slice(1);
    if (ending !== "text") await pause(Math.random() * 20);
    const callback = async ({ response }: Outcome) => {
      told.push([storage.getStore()?.id, id], [response.headers.get("x-id") ?? undefined, id]);
      await pause(Math.random() * 20);
      told.push([storage.getStore()?.id, id]);
      // Late: the platform is asked again.
      if (ending === "later") answer.onFinished(() => told.push([storage.getStore()?.id, id]));
    };
    const headers = { "x-id": id };
    const body = ending === "text" ? "text" : ending === "nothing" ? null : sourceOf(id, ending === "fails");
    const answer = new Class(body, callback, { headers });
    return answer;
  }

  const ways = { alone: handler, wrapped: wrap(handler) };

  async function invoke(way: keyof typeof ways, index: number): Promise<Context> {
    const id = `${way}-${index}`;
    const promises: Promise<unknown>[] = [];
    const context: Context = { id, promises, waitUntil: (promise) => void promises.push(promise) };
    const ending = endings[index % endings.length] as string;
    const request = new Request(`http://localhost/${ending}/${id}`);
    // Both are called as Netlify does; Vercel gives nothing beside the request.
    const answer = await storage.run(context, () => ways[way](request));
    // Read by the server, in no context.
    await storage.exit(async () => {
      if (ending === "canceled") await answer.body?.cancel();
      else await answer.arrayBuffer().catch(() => {});
    });
    return context;
  }

  test.each(["alone", "wrapped"] as const)(
    "%s, what is waited for belongs to the context that is asked",
    async (way) => {
      const contexts = await Promise.all(Array.from({ length: COUNT }, (_, index) => invoke(way, index)));
      for (const { id, promises } of contexts) {
        expect(promises.length).toBeGreaterThan(0);
        const outcomes = (await Promise.all(promises)).filter((value) => value !== undefined) as Outcome[];
        const responses = outcomes
          .map(({ response }) => response?.headers.get("x-id"))
          .filter((other) => other !== null);
        expect(new Set(responses)).toEqual(new Set([id]));
      }
      expect(told.length).toBeGreaterThanOrEqual(3 * COUNT);
      expect(told.splice(0).filter(([found, expected]) => found !== expected)).toEqual([]);
    },
  );
});
