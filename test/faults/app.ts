// The application whose servers meet faults: /<way>/<route>/<id>?<more>. Runs unchanged on Node, Bun, Deno and workerd.
import { type Callbacks, drain, type Outcome, type ResponseThen, type ResponseThenOptions } from "../../src/index.ts";
import { entriesOf, record, recorder } from "./records.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;
/** An adapter's `withResponseThen`. */
export type Wrap = (handler: Handler, callback?: (outcome: Outcome) => void) => Handler;

/** Makes a response: a plain one, or one with the callback of its route, or with others. */
export type Make = (
  body: ConstructorParameters<typeof Response>[0],
  init?: ResponseInit & ResponseThenOptions,
  callbacks?: Callbacks,
) => Response;

export interface Asked {
  readonly request: Request;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly make: Make;
}

/** Answers one kind of request. */
export type Route = (asked: Asked) => Response | Promise<Response>;

const said = new Set<string>();
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the test has said a word. */
export async function hear(word: string): Promise<void> {
  while (!said.has(word)) await pause(10);
}

/** What the test asks beside the routes. */
async function control(verb: string, word: string, memory?: () => Promise<number>): Promise<Response> {
  switch (verb) {
    case "entries":
      return Response.json(entriesOf(word));
    case "say":
      said.add(word);
      return Response.json(true);
    case "drain":
      return Response.json(await drain({ timeout: Number(word) }));
    case "memory":
      return Response.json(await memory?.());
    default:
      return new Response("no such way", { status: 404 });
  }
}

/**
 * The `fetch` of a server.
 *
 * @param memory Collects garbage, and tells what is left, in bytes.
 */
export function createFetch(
  Class: typeof ResponseThen,
  wrap: Wrap,
  routes: Readonly<Record<string, Route>>,
  memory?: () => Promise<number>,
): Handler {
  const answer = (request: Request, plain: boolean) => {
    const { pathname, searchParams: query } = new URL(request.url);
    const [route = "", id = ""] = pathname.split("/").slice(2);
    record(id, "came");
    const make: Make = (body, init, callbacks = recorder(id, "own")) =>
      plain ? new Response(body, init) : new Class(body, callbacks, init);
    return (routes[route] as Route)({ request, id, query, make });
  };
  const alone: Handler = (request: Request) => answer(request, false);
  const ways: Record<string, Handler> = {
    plain: (request: Request) => answer(request, true),
    alone,
    wrapped: (request: Request, ...rest) => {
      const id = new URL(request.url).pathname.split("/")[3] ?? "";
      return wrap(alone, recorder(id, "adapter"))(request, ...rest);
    },
  };
  return (request, ...rest) => {
    const [way = "", word = ""] = new URL(request.url).pathname.split("/").slice(1);
    return ways[way]?.(request, ...rest) ?? control(way, word, memory);
  };
}
