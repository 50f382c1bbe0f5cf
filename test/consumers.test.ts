import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, createConsumer } from "./consumer.ts";
import { run } from "./run.ts";

const PROGRAMS = {
  "core.ts": `
    import { drain, type Outcome, ResponseThen, type ResponseThenInit, responseFinished } from "response-then";

    const init: ResponseThenInit = { status: 201, headers: { a: "b" }, timeout: 10, waitUntil: (promise) => void promise };
    const response: Response = new ResponseThen("Hello", (outcome, signal) => [outcome.bytes, signal.aborted], init);
    const outcome: Outcome = await ResponseThen.from(response, { completed: ({ bytes }) => bytes, finally() {} }).finished;
    if (outcome.type === "canceled") outcome.reason satisfies Error;
    // @ts-expect-error: only an errored outcome has an error
    outcome.error;

    new ResponseThen(new Uint8Array(2), () => {}).onFinished([() => {}]).clone() satisfies Response;
    new ResponseThen(new ReadableStream<Uint8Array>(), () => {}, { onCancel: "drain" });
    ResponseThen.json({ a: 1 }, () => {}) satisfies ResponseThen;
    ResponseThen.json({ a: 1 }, { status: 201 }) satisfies Response;
    ResponseThen.redirect("https://example.com/", () => {}, 301) satisfies ResponseThen;
    responseFinished.subscribe(({ response }) => response?.status)();
    await drain({ timeout: 10 });

    // @ts-expect-error: a callback is a function, an object of functions, or an array of these
    new ResponseThen("Hello", "callback");

    export class Own extends ResponseThen {}
  `,
  "hono.ts": `
    import { Hono } from "hono";
    import { onFinished, ResponseThen, responseThen } from "response-then/hono";

    const app = new Hono();
    app.use(responseThen((outcome) => outcome.type));
    app.get("/", (c) => {
      onFinished(c, () => {});
      return new ResponseThen("Hello", () => {});
    });
    export default app;
  `,
  "cloudflare.ts": `
    import { ResponseThen, withResponseThen } from "response-then/cloudflare";

    export default withResponseThen({
      fetch: (request: Request, env: { NAME: string }) => new ResponseThen(request.url + env.NAME, () => {}),
    });
  `,
};

/** Only where the Workers' types are. */
const WORKER = {
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
};

const GLOBALS = {
  "the DOM's types": { lib: ["ES2022", "DOM", "DOM.Iterable"], types: [] },
  "Node's types and no DOM": { lib: ["ES2022"], types: ["node"] },
  "the Workers' types": { lib: ["ES2022"], types: ["@cloudflare/workers-types"] },
};

const MODULES = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "Bundler" },
};

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer(["hono", "@types/node", "@cloudflare/workers-types"]);
  for (const [file, text] of Object.entries({ ...PROGRAMS, ...WORKER })) consumer.write(file, text);
});
afterAll(() => consumer?.remove());

const cases = Object.keys(GLOBALS).flatMap((globals) => Object.keys(MODULES).map((modules) => [globals, modules]));

test.for(cases)("a consumer with %s type-checks, libraries included, resolved by %s", async ([globals, modules]) => {
  const project = consumer.write(
    "tsconfig.json",
    JSON.stringify({
      compilerOptions: {
        ...GLOBALS[globals as keyof typeof GLOBALS],
        ...MODULES[modules as keyof typeof MODULES],
        target: "ES2022",
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      },
      files: Object.keys(globals === "the Workers' types" ? { ...PROGRAMS, ...WORKER } : PROGRAMS),
    }),
  );
  expect(await run("npx", ["--no-install", "tsc", "--pretty", "false", "-p", project])).toMatchObject({
    code: 0,
    stdout: "",
  });
});
