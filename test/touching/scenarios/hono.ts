// What Hono's own middlewares do to a response that was built behind them (FACTS 36): sent, re-wrapped, read, piped,
// cloned, replaced.
import type { Context, Hono, MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { prettyJSON } from "hono/pretty-json";
import { secureHeaders } from "hono/secure-headers";
import { plain, streamOf } from "../run.ts";
import type { Route, Scenario } from "../scenario.ts";

const JSON_TEXT = '{"a":[1,2,3]}';
const LONG = "what is worth compressing, ".repeat(100);

const streamed = (text: string) =>
  streamOf(
    (async function* () {
      yield text.slice(0, 5);
      yield text.slice(5);
    })(),
  );

/** A route for a text and one for a stream. */
function routes(text: string, type: string): Record<string, Route> {
  const init = { headers: { "content-type": type } };
  const bodies = { text: () => text, stream: () => streamed(text) };
  return Object.fromEntries(
    Object.entries(bodies).map(([kind, body]): [string, Route] => [
      kind,
      ({ run, make }) => {
        const response = make(kind, body(), init);
        // A collection may tell sooner of what is not sent.
        run.kept.set(kind, response);
        return response;
      },
    ]),
  );
}

type Answer = (request: Request) => Promise<Response>;
/** Puts something in front of a route. */
type Hook = (app: Hono, path: string, answer: Answer) => void;

const use =
  (middleware: MiddlewareHandler): Hook =>
  (app, path) =>
    void app.use(path, middleware);
const after = (change: (c: Context) => void | Promise<void>): Hook =>
  use(async (c, next) => {
    await next();
    await change(c);
  });

interface Expected {
  /** What the handler answers with, and the type of that. */
  readonly body?: string;
  readonly type?: string;
  readonly query?: string;
  readonly sends?: string;
  readonly told?: string;
  readonly all?: string;
  readonly late?: true;
  /** Whether it is another response that is sent. */
  readonly another?: true;
}

function scenario(name: string, hook: Hook, expected: Expected = {}): Scenario {
  const { body = "a body", type = "text/plain", query = "", sends = `200 ${body}`, late, another } = expected;
  const { told = `completed 200 ${body.length}`, all = `completed ${sends.slice(0, 3)}` } = expected;
  return {
    name: `Hono: ${name}`,
    ways: ["hono"],
    routes: routes(body, type),
    hono(app, path, answer) {
      for (const route of ["text", "stream"]) hook(app, path(route), answer);
    },
    visit: async (client) => [await client.get(`text${query}`), await client.get(`stream${query}`)],
    received: [sends, sends],
    told: { text: told, stream: told },
    all: { "/text": all, "/stream": all },
    ...(another && { parts: another }),
    ...(late && { late: ["text", "stream"] }),
  };
}

/** Asks twice, the second time with the tag of the first answer. */
const tagged: Scenario = {
  name: "Hono: etag() with a match answers 304",
  ways: ["hono"],
  routes: Object.fromEntries(
    ["first", "again"].flatMap((time) =>
      ["text", "stream"].map((kind): [string, Route] => [
        `${time}-${kind}`,
        ({ make }) => make(`${time}-${kind}`, kind === "text" ? "a body" : streamed("a body")),
      ]),
    ),
  ),
  hono(app, path) {
    for (const route of ["first-text", "first-stream", "again-text", "again-stream"]) app.use(path(route), etag());
  },
  async visit(client) {
    const first = [await client.get("first-text"), await client.get("first-stream")];
    const headers = { "if-none-match": `${first[0]?.headers.etag}` };
    const again = [await client.get("again-text", { headers }), await client.get("again-stream", { headers })];
    return [...first, ...again];
  },
  received: ["200 a body", "200 a body", "304 ", "304 "],
  // Read for its tag, and then a 304 was sent in its place: that is what the client got.
  told: {
    "first-text": "completed 200 6",
    "first-stream": "completed 200 6",
    "again-text": "completed 304",
    "again-stream": "completed 304",
  },
  all: {
    "/first-text": "completed 200",
    "/first-stream": "completed 200",
    "/again-text": "completed 304",
    "/again-stream": "completed 304",
  },
  parts: true,
};

export const hono: readonly Scenario[] = [
  scenario("secureHeaders() sends it itself", use(secureHeaders())),
  scenario("etag() without a match sends it itself", use(etag())),
  tagged,
  scenario("app.mount() sends it itself", (app, path, answer) => {
    app.mount(path, answer, { replaceRequest: (request) => request });
  }),
  scenario("cors() re-wraps it", use(cors({ origin: "https://app.example" }))),
  scenario(
    "c.header() after next() re-wraps it",
    after((c) => c.header("x-mark", "header")),
    { told: "completed 200:header 6", all: "completed 200:header" },
  ),
  scenario(
    "new Response(body, response) re-wraps it",
    after((c) => {
      c.res = new Response(c.res.body, c.res);
    }),
  ),
  scenario("prettyJSON() reads it", use(prettyJSON()), {
    body: JSON_TEXT,
    type: "application/json",
    query: "?pretty",
    sends: `200 ${JSON.stringify(JSON.parse(JSON_TEXT), null, 2)}`,
    // How many bytes it has is another matter: its own, or what was made of it.
    told: "completed 200",
    another: true,
  }),
  scenario(
    "text() and new Response() send what was made of it",
    after(async (c) => {
      c.res = plain((await c.res.text()).toUpperCase(), { status: 201 });
    }),
    // It was read to its end before there was another response.
    { sends: "201 A BODY", told: "completed 200|201", another: true },
  ),
  scenario("compress() pipes it", use(compress()), { body: LONG, told: "completed 200", another: true }),
  scenario("compress() pipes it, and etag() reads that", (app, path) => void app.use(path, etag(), compress()), {
    body: LONG,
    told: "completed 200",
    another: true,
  }),
  scenario(
    "a clone is sent",
    after((c) => {
      const clone = c.res.clone();
      clone.headers.set("x-mark", "clone");
      c.res = undefined;
      c.res = clone;
    }),
    { told: "completed 200:clone 6", all: "completed 200:clone" },
  ),
  scenario(
    "another answer is sent in its place",
    after((c) => {
      c.res = plain("another", { status: 203 });
    }),
    // Neither read nor piped nor sent: nobody has got any of it.
    { sends: "203 another", told: "canceled *", late: true, another: true },
  ),
];
