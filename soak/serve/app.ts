// The application of every server: /<way>/<route>?<what is to happen>. Runs unchanged on Node, Bun, Deno and workerd.
import type { ResponseThen } from "../../src/index.ts";
import { account, dueOnce } from "./books.ts";
import { Maker } from "./maker.ts";
import { type Order, orderOf } from "./order.ts";
import { idle, LARGE, pause, source } from "./source.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;
type Wrap = (handler: Handler, callback?: ReturnType<typeof dueOnce>["callback"]) => Handler;

function answer(Class: typeof ResponseThen, route: string, order: Order): Response {
  const make = new Maker(Class, order);
  const text = () => "x".repeat(order.size);
  switch (route) {
    case "text":
      return make.of(text());
    case "bytes":
      return make.of(new Uint8Array(order.size).fill(120));
    case "large":
      return make.of(LARGE);
    case "stream":
      return make.of(source(order));
    case "idle":
      return make.of(idle(order));
    case "consume":
      return make.of(source(order), { onCancel: "consume", consumeLimit: { bytes: 20_000, ms: 100 } });
    case "fails":
      return make.of(source(order, true));
    case "written":
      return make.written();
    case "json":
      return make.json();
    case "from":
      return make.from(new Response(source(order), { headers: { "x-kept": "yes" } }));
    case "nothing":
      return make.of(null, { status: 204 });
    case "redirect":
      return make.redirect();
    case "re-wrapped": {
      const response = make.of(order.chunks % 2 ? text() : source(order));
      return new Response(response.body, response);
    }
    case "twice": {
      const inner = make.of(order.chunks % 2 ? text() : source(order));
      return make.from(inner);
    }
    case "dropped":
      make.of(order.chunks % 2 ? text() : source(order));
      return make.plain(text());
    case "plain":
      return make.plain(text());
    default:
      make.of(order.chunks % 2 ? text() : source(order));
      throw new Error("the handler threw");
  }
}

/** What the server tells of its memory, in bytes: after a collection with `collect`. */
export type Memory = (collect: boolean) => Promise<number>;

/**
 * The `fetch` of a server.
 *
 * @param wrap The adapter's `withResponseThen`.
 */
export function createFetch(Class: typeof ResponseThen, wrap: Wrap, memory?: Memory): Handler {
  const alone: Handler = (request: Request) => {
    const url = new URL(request.url);
    const order = orderOf(url);
    const route = url.pathname.split("/")[2] ?? "";
    return order.wait === 0 ? answer(Class, route, order) : pause(order.wait).then(() => answer(Class, route, order));
  };
  const wrapped = wrap(alone);
  const handlers: Record<string, Handler> = {
    alone,
    wrapped,
    told: (request, ...rest) => {
      const name = new URL(request.url).searchParams.get("name");
      return wrap(alone, dueOnce(`${name}, the adapter's callback`).callback)(request, ...rest);
    },
    account: () => Response.json(account()),
    sample: async () => Response.json((await memory?.(false)) ?? 0),
    collect: async () => Response.json((await memory?.(true)) ?? 0),
  };
  return (request, ...rest) => {
    const handler = handlers[new URL(request.url).pathname.split("/")[1] ?? ""];
    return handler?.(request, ...rest) ?? new Response("no such way", { status: 404 });
  };
}
