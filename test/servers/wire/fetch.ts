// The handler of the servers that speak Fetch: a path is `/way/case/request`.
import type { Callbacks, ResponseThen } from "../../../src/index.ts";
import { cases } from "./cases.ts";
import { type Maker, plain } from "./maker.ts";
import { makerOf } from "./ours.ts";
import { allRecords, recorder } from "./records.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give to a handler beside the request
export type Fetch = (request: Request, ...rest: any[]) => Response | Promise<Response>;

/** What is used of an adapter for a server that speaks Fetch. */
export interface FetchAdapter {
  readonly ResponseThen: typeof ResponseThen;
  withResponseThen(handler: Fetch, callback?: Callbacks): Fetch;
}

/** @param adapter Without one, the server is as its users run it without us. */
export function createFetch(adapter: FetchAdapter | undefined): Fetch {
  const handlers = new Map<string, Fetch>();
  return (request, ...rest) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/next") return new Response("the next answer");
    if (pathname === "/records") return Response.json(allRecords());
    let handler = handlers.get(pathname);
    if (handler === undefined) {
      handler = handlerFor(pathname, adapter);
      handlers.set(pathname, handler);
    }
    return handler(request, ...rest);
  };
}

function handlerFor(path: string, adapter: FetchAdapter | undefined): Fetch {
  const [, way, name = ""] = decodeURIComponent(path).split("/");
  const answer = cases[name];
  if (answer === undefined) throw new Error(`no such case: ${name}`);
  const handlerOf =
    (maker: Maker): Fetch =>
    (request) =>
      answer(maker, { text: () => request.text() });
  if (adapter === undefined) return handlerOf(plain);
  const { ResponseThen, withResponseThen } = adapter;
  const callback = recorder(decodeURIComponent(path));
  switch (way) {
    case "class":
      return handlerOf(makerOf(ResponseThen, callback));
    case "adapter":
      return withResponseThen(handlerOf(makerOf(ResponseThen, callback)));
    case "untouched":
      return withResponseThen(handlerOf(plain));
    case "callback":
      return withResponseThen(handlerOf(plain), callback);
    default:
      throw new Error(`no such way: ${way}`);
  }
}
