// What a user writes with each import path, for the tests of the package's types.

/** A program for each import path, by its file: with the types that every runtime has. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "index.ts": `
    import { drain, type Outcome, ResponseThen, type ResponseThenInit, responseFinished } from "response-then";

    const init: ResponseThenInit = { status: 201, headers: { a: "b" }, timeout: 10, waitUntil: (promise) => void promise };
    const response: Response = new ResponseThen("Hello", (outcome, { signal }) => [outcome.bytes, signal.aborted], init);
    const outcome: Outcome = await ResponseThen.from(response, { completed: ({ bytes }) => bytes, finally() {} }).finished;
    if (outcome.type === "canceled") outcome.reason satisfies Error;
    // @ts-expect-error: only an errored outcome has an error
    outcome.error;

    new ResponseThen(new Uint8Array(2), () => {}).onFinished([() => {}]).clone() satisfies ReturnType<Response["clone"]>;
    new ResponseThen(new ReadableStream<Uint8Array>(), () => {}, { onCancel: "consume" });
    ResponseThen.json({ a: 1 }, () => {}) satisfies ResponseThen;
    ResponseThen.json({ a: 1 }, { status: 201 }) satisfies Response;
    ResponseThen.redirect("https://example.com/", () => {}, 301) satisfies ResponseThen;
    ResponseThen.stream(async (writer, signal) => {
      if (!signal.aborted) await writer.write("Hello");
    }, () => {}) satisfies ResponseThen;
    responseFinished.subscribe(({ response }) => response?.status)();
    await drain({ timeout: 10 });

    // @ts-expect-error: a callback is a function, an object of functions, or an array of these
    new ResponseThen("Hello", "callback");

    export class Own extends ResponseThen {}
  `,
  "aws-lambda.ts": `
    import { type LambdaHandler, ResponseThen, withResponseThen } from "response-then/aws-lambda";

    export const handler: LambdaHandler = withResponseThen(
      (request, event, context) => new ResponseThen(request.url + event.rawPath, () => context.getRemainingTimeInMillis()),
    );
  `,
  "bullmq.ts": `
    import { ResponseThen } from "response-then";
    import { enqueue, type JobQueue } from "response-then/bullmq";

    declare const bills: JobQueue<"bill", { bytes: number }, { attempts?: number }>;
    new ResponseThen("Hello", enqueue(bills, "bill", ({ bytes }) => ({ bytes }), { attempts: 5, retries: 2 }));
    // @ts-expect-error: no data of this queue
    enqueue(bills, "bill", () => "data");
  `,
  "bun.ts": `
    import { ResponseThen, withResponseThen } from "response-then/bun";

    const fetch = withResponseThen((request: Request) => new ResponseThen(request.url, () => {}), (outcome) => outcome.type);
    fetch satisfies (request: Request) => Response;
  `,
  "cloudflare.ts": `
    import { ResponseThen, withResponseThen } from "response-then/cloudflare";

    export default withResponseThen({
      fetch: (request: Request, env: { NAME: string }) => new ResponseThen(request.url + env.NAME, () => {}),
    });
  `,
  "cloudflare-queue.ts": `
    import { ResponseThen } from "response-then";
    import { enqueue, type QueueProducer } from "response-then/cloudflare-queue";

    declare const bills: QueueProducer<{ bytes: number }>;
    new ResponseThen("Hello", enqueue(bills, ({ bytes }) => ({ bytes }), { retries: 5, contentType: "json" }));
    // @ts-expect-error: no message of this queue
    enqueue(bills, () => "message");
  `,
  "deno.ts": `
    import { ResponseThen, withResponseThen } from "response-then/deno";

    declare function serve(handler: (request: Request, info: { completed: Promise<void> }) => Response | Promise<Response>): void;
    serve(withResponseThen((request) => new ResponseThen(request.url, () => {})));
  `,
  "middleware.ts": `
    import { compose, headers, logger, type Middleware, transform } from "response-then/middleware";

    const handler = (request: Request, env: { NAME: string }) => new Response(request.url + env.NAME);
    const own: Middleware = (next) => (request, ...rest) => next(request, ...rest);
    const loud = transform((text) => text.toUpperCase(), { unfit: "skip" });
    const log = logger({ format: (entry) => entry.path, remote: (request: Request, env: { NAME: string }) => env.NAME });
    compose(handler, own, log, headers({ "x-a": "1", "x-b": null }), loud) satisfies (
      request: Request,
      env: { NAME: string },
    ) => Response | Promise<Response>;
    transform(() => new TransformStream());
    transform({ transform: async (text) => text, flush: () => new Uint8Array(1) });
  `,
  "netlify.ts": `
    import { ResponseThen, withResponseThen } from "response-then/netlify";

    export default withResponseThen((request, context: { geo: string }) => new ResponseThen(request.url + context.geo, () => {}));
  `,
  "next.ts": `
    import { ResponseThen, withResponseThen } from "response-then/next";

    type Context = { params: Promise<{ id: string }> };
    export const GET = withResponseThen(async (request: Request, { params }: Context) => {
      return new ResponseThen(request.url + (await params).id, () => {});
    });
    GET satisfies (request: Request, context: Context) => Promise<Response>;
  `,
  "node.ts": `
    import { handOver, ResponseThen, type ServerResponse, withResponseThen } from "response-then/node";

    declare const res: ServerResponse;
    handOver(new ResponseThen("Hello", () => {}), res) satisfies Response;
    withResponseThen((request) => new ResponseThen(request.url, () => {})) satisfies (request: Request) => unknown;
  `,
  "service-worker.ts": `
    import { type FetchEvent, ResponseThen, withResponseThen } from "response-then/service-worker";

    withResponseThen((request, event) => new ResponseThen(request.url + event.request.url, () => {})) satisfies (
      event: FetchEvent,
    ) => void;
  `,
  "srvx.ts": `
    import { type Middleware, ResponseThen, responseThen, withResponseThen } from "response-then/srvx";

    responseThen((outcome) => outcome.type) satisfies Middleware;
    withResponseThen((request) => new ResponseThen(request.url, () => {})) satisfies (request: Request) => unknown;
  `,
  "testing.ts": `
    import { ResponseThen } from "response-then";
    import { abort, consume, drain, type Outcome, outcomeOf, stall, type StalledClient } from "response-then/testing";

    const response = new ResponseThen("Hello", () => {});
    const outcomes: Outcome[] = [await consume(response), await abort(response, 2), await outcomeOf(response)];
    const client: StalledClient = stall(response);
    [outcomes, await client.read(2), await client.leave(), (await drain()).pending];
  `,
  "vercel.ts": `
    import { ResponseThen, withResponseThen } from "response-then/vercel";

    export default { fetch: withResponseThen((request) => new ResponseThen(request.url, () => {})) };
  `,
  "hono.ts": `
    import { Hono } from "hono";
    import { logger, onFinished, ResponseThen, responseThen } from "response-then/hono";

    const app = new Hono();
    app.use(responseThen((outcome) => outcome.type), logger());
    app.get("/", (c) => {
      onFinished(c, () => {});
      return new ResponseThen("Hello", () => {});
    });
    export default app;
  `,
};

/** The globals that a project may have, and what is written with their own types. */
export interface Globals {
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly programs: Readonly<Record<string, string>>;
}

export const GLOBALS: Readonly<Record<string, Globals>> = {
  "the DOM's types": { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [], programs: {} },
  "a service worker's types": {
    lib: ["ES2022", "WebWorker"],
    types: [],
    programs: {
      "sw.ts": `
        import { ResponseThen, withResponseThen } from "response-then/service-worker";

        declare const self: ServiceWorkerGlobalScope;
        self.addEventListener("fetch", withResponseThen((_, event) => new ResponseThen(event.clientId, () => {})));
      `,
    },
  },
  "Node's types and no DOM": {
    lib: ["ES2022"],
    types: ["node"],
    programs: {
      "server.ts": `
        import { createServer } from "node:http";
        import { createServer as createSecure } from "node:http2";
        import { handOver, ResponseThen } from "response-then/node";

        createServer((_, res) => void handOver(new ResponseThen("Hello", () => {}), res));
        createSecure((_, res) => void handOver(new ResponseThen("Hello", () => {}), res));
      `,
    },
  },
  "Bun's types": {
    lib: ["ES2022"],
    types: ["bun"],
    programs: {
      "serve.ts": `
        import { ResponseThen, withResponseThen } from "response-then/bun";

        Bun.serve({
          routes: { "/users/:id": withResponseThen((request: Bun.BunRequest<"/users/:id">) => new Response(request.params.id)) },
          fetch: withResponseThen((request: Request) => new ResponseThen(request.url, () => {})),
        });
      `,
    },
  },
  "the Workers' types": {
    lib: ["ES2022"],
    types: ["@cloudflare/workers-types"],
    programs: {
      "worker.ts": `
        import { ResponseThen, withResponseThen } from "response-then/cloudflare";
        import { enqueue } from "response-then/cloudflare-queue";

        interface Env {
          readonly GREETING: string;
          readonly BILLS: Queue<{ bytes: number }>;
        }

        const worker = withResponseThen({
          fetch(_request, env, ctx) {
            const bill = enqueue(env.BILLS, ({ bytes }) => ({ bytes }));
            return new ResponseThen(env.GREETING, [bill, (outcome) => outcome.type], { waitUntil: ctx });
          },
          async scheduled(_controller, env) {
            env.GREETING satisfies string;
          },
        } satisfies ExportedHandler<Env>);
        export default worker satisfies ExportedHandler<Env>;

        declare const handler: ExportedHandler<Env>;
        withResponseThen(handler) satisfies ExportedHandler<Env>;
        declare const fetchHandler: ExportedHandlerFetchHandler<Env>;
        withResponseThen(fetchHandler) satisfies ExportedHandlerFetchHandler<Env>;

        // @ts-expect-error: a fetch that gives no response
        withResponseThen({ fetch: () => "text" });
      `,
    },
  },
};

/** How modules are resolved: by Node's own rules, or a bundler's. */
export type Modules = "nodenext" | "bundler";

export const MODULES: readonly Modules[] = ["nodenext", "bundler"];
