// Defines `headers()`, a middleware that sets and deletes headers of responses.
import { expected, tagOf } from "../exchange/index.ts";
import type { Middleware } from "./middleware.ts";

/**
 * Headers by name: a string replaces the header, `null` deletes it. Several entries of one name take effect in their
 * order. A `set-cookie` is added and replaces nothing, because each cookie is a header of its own.
 */
export type HeaderEntries =
  | { readonly [name: string]: string | null }
  | Iterable<readonly [name: string, value: string | null]>;

/** Makes the headers from the response and from the request that it answers; `undefined` changes nothing. */
export type MakeHeaders = (response: Response, request: Request) => HeaderEntries | undefined;

/**
 * Middleware that adds, changes and deletes headers of every response. It changes nothing else: a `ResponseThen` keeps
 * its callbacks, and no body is read. If the headers of a response are immutable (from `fetch()`, from
 * `Response.redirect()`), they are changed on a copy of the response around the same body.
 *
 * `Response.error()`, and a 101 whose headers are immutable, stay as they are, because no copy of them can be made. If
 * a handler throws, the answer that the runtime makes has none of the headers.
 *
 * @param entries The headers, which are copied during this call; or a function, which is called once per response. The
 * function may read its arguments, but not the body.
 * @throws {TypeError} for a name or a value that no header can have, such as a value with a line break: at this call,
 * or, with a function, when the handler answers, as the handler's own error.
 *
 * @example
 * ```ts
 * import { compose, headers } from "response-then/middleware";
 *
 * const handler = () => new Response("Hello", { headers: { "x-powered-by": "a server" } });
 * const safe = headers({ "x-content-type-options": "nosniff", "x-powered-by": null });
 * const cached = headers((response) => (response.ok ? { "cache-control": "max-age=60" } : undefined));
 *
 * export default { fetch: compose(handler, safe, cached) };
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: a middleware that is made on its own fits the handlers of every platform
export function headers<Rest extends readonly unknown[] = any[]>(
  entries: HeaderEntries | MakeHeaders,
): Middleware<Rest> {
  const made = typeof entries === "function" ? undefined : toEntries(entries);
  return (next) =>
    (request, ...rest) => {
      const apply = (response: Response) => {
        if (tagOf(response) !== "Response") throw expected("the handler's answer", "a Response", response);
        return withHeaders(response, made ?? toEntries((entries as MakeHeaders)(response, request) ?? {}));
      };
      const answering = next(request, ...rest);
      const promise = answering as Promise<Response> | undefined;
      return typeof promise?.then === "function" ? promise.then(apply) : apply(answering as Response);
    };
}

type Entry = readonly [name: string, value: string | null];

// Our own check is the same on every runtime: the platform's treats a line break at the end of a value as white space.
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const VALUE = /^[\t -~\x80-\xff]*$/;

function toEntries(given: HeaderEntries): Entry[] {
  if (typeof given !== "object" || given === null || "then" in given) throw expected("headers", "an object", given);
  const entries = Symbol.iterator in given ? [...given] : Object.entries(given);
  return entries.map((entry) => {
    if (!Array.isArray(entry)) throw expected("headers", "pairs of name and value", entry);
    const [name, value] = entry as unknown as Entry;
    if (typeof name !== "string" || !NAME.test(name)) {
      throw expected("headers", "the name of a header", typeof name === "string" ? JSON.stringify(name) : name);
    }
    if (value === null || (typeof value === "string" && VALUE.test(value))) return [name, value];
    const shown = typeof value === "string" ? JSON.stringify(value) : value;
    throw expected(`header ${name}`, "a string of one line, in Latin-1, or null", shown);
  });
}

function withHeaders(response: Response, entries: Entry[]): Response {
  try {
    return change(response, entries);
  } catch (error) {
    // The entries were checked, so the headers must be immutable.
    if (!(error instanceof TypeError)) throw error;
    if (response.status < 200) return response;
    return change(new Response(response.body, response), entries);
  }
}

function change(response: Response, entries: Entry[]): Response {
  for (const [name, value] of entries) {
    if (value === null) response.headers.delete(name);
    else if (name.toLowerCase() === "set-cookie") response.headers.append(name, value);
    else response.headers.set(name, value);
  }
  return response;
}
