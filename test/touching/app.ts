// The application that every server runs, unchanged on Node, Bun, Deno and workerd. Its paths are
// /<way>/<scenario>/<route>.
import { Hono } from "hono";
import { responseThen } from "../../adapters/hono.ts";
import { type Callbacks, drain, type Outcome, type ResponseThen, responseFinished } from "../../src/index.ts";
import { type Make, plain, Run, typed } from "./run.ts";
import { idOf, type Served } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { subRequests } from "./scenarios/sub-requests.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;

/** The part of an adapter that the application uses. */
export interface Adapter {
  readonly ResponseThen: typeof ResponseThen;
  // biome-ignore lint/suspicious/noExplicitAny: each adapter has its own types of handlers
  withResponseThen(handler: any, callback?: Callbacks): any;
}

const byId = new Map([...scenarios, subRequests].map((served: Served) => [idOf(served), served]));
const runs = new Map<string, Run>();
const failed = () => plain("failed", { status: 500 });

function runOf(path: string): Run | undefined {
  const [, way, id = ""] = path.split("/");
  if (!byId.has(id)) return undefined;
  const key = `${way}/${id}`;
  const run = runs.get(key) ?? new Run();
  runs.set(key, run);
  return run;
}

/** Subscribes a listener, which records what it hears in the run that the request belongs to. */
function listen(): void {
  responseFinished.subscribe((outcome: Outcome) => {
    if (outcome.request) runOf(new URL(outcome.request.url).pathname)?.recorder("heard", true)(outcome);
  });
}

/** Answers the requests of the test itself: /control/<verb>/<word>?run=<way>/<scenario>. */
async function control({ pathname, searchParams }: URL): Promise<Response> {
  const [, , verb, word = ""] = pathname.split("/");
  const run = runOf(`/${searchParams.get("run")}`);
  if (verb === "listen") return Response.json(listen() ?? true);
  if (verb === "drain") return Response.json(await drain({ timeout: Number(word) }));
  if (verb === "say") run?.words.add(word);
  return Response.json({ told: run?.told, marks: run?.marks });
}

/** Makes the `fetch` of a server. */
export function createFetch({ ResponseThen, withResponseThen }: Adapter): Handler {
  const handlers = new Map<string, Handler>();

  function handlerOf(way: string, scenario: Served, run: Run): Handler {
    const isPlain = way === "plain" || way === "plain-hono";
    const make: Make = (callback, body, init) => {
      if (isPlain) return plain(body, init);
      const told = typeof callback === "string" ? run.recorder(callback) : callback;
      return new ResponseThen(body, told, typed(body, init));
    };
    const base = `/${way}/${idOf(scenario)}`;
    const answer: Handler = (request: Request) => {
      const route = scenario.routes[new URL(request.url).pathname.split("/")[3] ?? ""];
      if (!route) throw new Error(`no such route: ${request.url}`);
      const ask = async (other: string) => handler(new Request(new URL(`${base}/${other}`, request.url)));
      return route({ request, run, make, ask });
    };
    const handler = wrap(answer);
    return handler;

    function wrap(answer: Handler): Handler {
      if (way === "wrapped") return withResponseThen(answer);
      if (way === "shared") return withResponseThen(answer, run.recorder("all", true));
      if (!way.endsWith("hono")) return answer;
      const app = new Hono();
      if (way === "hono") app.use(responseThen(run.recorder("all", true)));
      scenario.hono?.(
        app,
        (route) => `${base}/${route}`,
        async (request) => answer(request),
      );
      app.all("*", (c) => answer(c.req.raw));
      app.onError(failed);
      return (request, ...rest) => app.fetch(request, ...rest);
    }
  }

  return (request, ...rest) => {
    const url = new URL(request.url);
    const [, way = "", id = ""] = url.pathname.split("/");
    if (way === "control") return control(url);
    const scenario = byId.get(id);
    if (!scenario) return new Response("no such scenario", { status: 404 });
    const key = `${way}/${id}`;
    const handler = handlers.get(key) ?? handlerOf(way, scenario, runOf(`/${key}`) as Run);
    handlers.set(key, handler);
    return handler(request, ...rest);
  };
}
