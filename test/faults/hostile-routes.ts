// Routes that end badly, with a secret in what is told of it. Run unchanged on Node, Bun, Deno and workerd.
import type { Route } from "./app.ts";
import { pulled } from "./routes.ts";

/** Is in every reason and every error. */
export const SECRET = "s3cret";

const END = "\r\n";

/** What a source may fail with, a reader cancel with, and a handler throw. */
const thrown: Readonly<Record<string, () => unknown>> = {
  error: () => new Error(SECRET),
  "a header": () => new Error(`${END}set-cookie: ${SECRET}=1${END}${END}${SECRET}`),
  text: () => `${END}${END}${SECRET}`,
  "a response": () => new Response(SECRET, { status: 418, statusText: SECRET, headers: { "x-secret": SECRET } }),
  "an object": () => ({ message: SECRET, status: 418, headers: { "x-secret": SECRET }, toString: () => SECRET }),
  cause: () => new TypeError("failed", { cause: new Error(SECRET) }),
  "a promise": () => Promise.resolve(SECRET),
  aborted: () => new DOMException(SECRET, "AbortError"),
};

export const reasons: readonly string[] = Object.keys(thrown);

const one = new Uint8Array([120]);

function fails(at: number): Route {
  return ({ query, make }) => {
    const source = pulled(async (count) => {
      if (count < at) return one;
      throw thrown[query.get("reason") ?? ""]?.();
    });
    return make(source);
  };
}

/** A middleware gives up a response before it answers with another. */
const canceled: Route = async ({ query, make }) => {
  const response = make(pulled(async () => one));
  await response.body?.cancel(thrown[query.get("reason") ?? ""]?.());
  return new Response("another");
};

const throws: Route = ({ query, make }) => {
  make(null, { status: 204 });
  throw thrown[query.get("reason") ?? ""]?.();
};

/** A callback that fails, and an `onError` that does too. */
const callback: Route = ({ query, make }) => {
  const fail = () => {
    throw thrown[query.get("reason") ?? ""]?.();
  };
  return make("text", { onError: fail }, [fail, async () => fail()]);
};

export const hostile: Readonly<Record<string, Route>> = {
  "fails-first": fails(0),
  "fails-later": fails(2),
  canceled,
  throws,
  callback,
};
