// What Netlify gives to a function, as its documentation says: a context, as the second argument and as Netlify.context,
// whose waitUntil keeps the function alive. Runs on Node and Deno.
import { AsyncLocalStorage } from "node:async_hooks";

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

const storage = new AsyncLocalStorage<Context>();

Object.assign(globalThis, {
  Netlify: {
    get context() {
      return storage.getStore() ?? null;
    },
  },
});

type Handler = (request: Request, context: Context) => Response | Promise<Response>;

/** Calls a handler, reads its answer, and fulfils with the answer when nothing is left to wait for. */
export async function invoke(handler: Handler, request: Request, read = true): Promise<Response | undefined> {
  const promises: Promise<unknown>[] = [];
  const context = { waitUntil: (promise: Promise<unknown>) => void promises.push(promise) };
  let answer: Response | undefined;
  try {
    answer = await storage.run(context, () => handler(request, context));
    if (read) await new Response(answer.body).arrayBuffer();
    else await answer.body?.cancel();
  } catch {
    // What a handler or a source throws is Netlify's.
  }
  while (promises.length > 0) await Promise.allSettled(promises.splice(0));
  return answer;
}
