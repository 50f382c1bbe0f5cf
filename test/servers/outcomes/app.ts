// The application whose outcomes are looked at over sockets: /<way>/<route>?id=. The way is `alone`, the class in the handler;
// `wrapped`, in an adapter's; `told`, a plain response under a callback for all; `hono`, in an app with the middleware;
// `logged`, a plain response under the logger. Runs unchanged on Node, Bun, Deno and workerd.
import { Hono } from "hono";
import { responseThen } from "../../../adapters/hono.ts";
import { type Callbacks, drain, type Outcome, type ResponseThen } from "../../../src/index.ts";
import { logger } from "../../../src/middleware/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: what hosts give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;
type Wrap = (handler: Handler, callback?: Callbacks) => Handler;

/** What a callback was told, or anything else that happened. */
export interface Event {
  readonly what: string;
  readonly type?: string;
  readonly bytes?: number;
  readonly status?: number;
  readonly error?: string;
  readonly reason?: string;
  readonly cause?: string;
}

interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly note: (what: string) => void;
  /** Waits until the test says so. */
  readonly gate: () => Promise<void>;
  /** Makes a response of the way. */
  readonly make: (body: BodyInit | null, init?: ResponseInit) => Response;
  readonly from: (response: Response) => Response;
}

const events = new Map<string, Event[]>();
const open = new Set<string>();
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const textOf = (value: unknown) => (value instanceof Error ? `${value.name}: ${value.message}` : String(value));

function note(id: string, event: Event): void {
  const list = events.get(id) ?? [];
  events.set(id, list);
  list.push(event);
}

const record =
  (id: string) =>
  (outcome: Outcome): void => {
    const { type, bytes, response } = outcome;
    note(id, {
      what: "told",
      type,
      bytes,
      status: response.status,
      ...(type === "errored" && { error: textOf(outcome.error) }),
      ...(type === "canceled" && { reason: outcome.reason.name, cause: textOf(outcome.reason.cause) }),
    });
  };

/** `pieces` pieces of 1,000 bytes, and then it waits for ever. */
function stalling(pieces: number, note: (what: string) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let given = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(2);
        if (given++ === pieces) return new Promise<void>(() => {});
        controller.enqueue(new Uint8Array(1_000));
      },
      cancel: () => note("source canceled"),
    },
    { highWaterMark: 0 },
  );
}

/** The body of an upload, passed on as it comes. */
const routes: Record<string, (asked: Asked) => Response | Promise<Response>> = {
  // The length that is declared is reached, and the source does not say that it has ended.
  "length-reached": ({ make, note }) => make(stalling(5, note), { headers: { "content-length": "5000" } }),
  "length-not-reached": ({ make, note }) => make(stalling(3, note), { headers: { "content-length": "5000" } }),
  "proxy-with-signal": async ({ from, url, request }) =>
    from(await fetch(url.searchParams.get("from") as string, { signal: request.signal })),
  proxy: async ({ from, url }) => from(await fetch(url.searchParams.get("from") as string)),
  "fails-while-there": ({ make }) => {
    let given = 0;
    return make(
      new ReadableStream({
        async pull(controller) {
          await pause(20);
          if (given++ < 3) controller.enqueue(new Uint8Array(1_000));
          else controller.error(new Error("source failed"));
        },
      }),
    );
  },
  /** Fails with an error of its own when it hears that the client has left. */
  "fails-by-signal": ({ make, request, note }) => {
    let controller!: ReadableStreamDefaultController;
    request.signal.addEventListener("abort", () => {
      note("aborted");
      controller.error(new Error("query was aborted"));
    });
    let given = 0;
    return make(
      new ReadableStream({
        start: (given: ReadableStreamDefaultController) => {
          controller = given;
        },
        pull: (controller) => (given++ < 3 ? controller.enqueue(new Uint8Array(1_000)) : new Promise<void>(() => {})),
      }),
    );
  },
  "throws-by-signal": async ({ request, note }) => {
    note("waits");
    await new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
    throw new Error("unreachable");
  },
  /** Reads the upload, and throws where that fails. */
  upload: async ({ request, make, note }) => {
    note("waits");
    try {
      return make(`${(await request.arrayBuffer()).byteLength}`);
    } catch (error) {
      note("the upload failed");
      throw error;
    }
  },
  /** Answers with what is uploaded. */
  echo: ({ request, make }) => make(request.body),
  throws: () => {
    throw new Error("handler failed");
  },
};

/** The handler of a server. */
export function createFetch(
  Class: typeof ResponseThen,
  withResponseThen: Wrap,
  more: Record<string, (asked: Asked) => Response | Promise<Response>> = {},
): Handler {
  const all = { ...routes, ...more };
  const answer = (request: Request, own: boolean): Response | Promise<Response> => {
    const url = new URL(request.url);
    const id = url.searchParams.get("id") ?? "";
    const route = all[url.pathname.split("/")[2] ?? ""];
    if (!route) return new Response("no such route", { status: 404 });
    return route({
      request,
      url,
      note: (what) => note(id, { what }),
      async gate() {
        for (let i = 0; i < 1_500 && !open.has(id); i++) await pause(20);
      },
      make: (body, init) => (own ? new Class(body, record(id), init) : new Response(body, init)),
      from: (response) => (own ? Class.from(response, record(id)) : response),
    });
  };
  const idOf = (request: Request) => new URL(request.url).searchParams.get("id") ?? "";
  const own: Handler = (request: Request) => answer(request, true);
  const plain: Handler = (request: Request) => answer(request, false);
  const log: Handler = (request: Request, ...rest) => {
    const id = idOf(request);
    const sink = (line: string) => note(id, { what: "line", ...JSON.parse(line) });
    return logger({ format: ({ type, status, bytes }) => JSON.stringify({ type, status, bytes }), sink })(plain)(
      request,
      ...rest,
    );
  };
  const app = (handler: Handler) => {
    const hono = new Hono();
    hono.use((c, next) => responseThen(record(idOf(c.req.raw)))(c, next));
    hono.all("*", (c) => handler(c.req.raw));
    hono.onError((error, c) => c.text(error.message, 500));
    return hono.fetch as Handler;
  };
  const ways: Record<string, Handler> = {
    alone: own,
    wrapped: withResponseThen(own),
    told: (request, ...rest) => withResponseThen(plain, record(idOf(request)))(request, ...rest),
    hono: app(plain),
    logged: log,
  };
  return async (request: Request, ...rest) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, way = ""] = pathname.split("/");
    const id = searchParams.get("id") ?? "";
    if (way === "events") return Response.json(events.get(id) ?? []);
    if (way === "release") return Response.json(open.add(id).size);
    if (way === "drain") return Response.json(await drain({ timeout: 1_000 }));
    return (ways[way] as Handler)(request, ...rest);
  };
}
