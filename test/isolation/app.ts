// The application of every server: /<way>/<ending>?<job>. Runs unchanged on Node, Bun, Deno and workerd.
import type { Outcome, ResponseThen } from "../../src/index.ts";
import { answerWith } from "./answers.ts";
import { arrive, notesOf, store } from "./books.ts";
import { type Job, jobOf } from "./jobs.ts";
import { listen, toldOf } from "./listeners.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;
/** An adapter's `withResponseThen`. */
export type Wrap = (handler: Handler, callback?: (outcome: Outcome) => void) => Handler;

let unsubscribe = listen();
const WARM = "http://localhost/warm";
const warmed: Handler[] = [];

/** Wraps handlers which then answer at once so often that once the library carried nothing across their awaits any more. */
function warmUp(wrap: Wrap, handler: Handler, count: number): void {
  // Else each of these responses would be watched for the listener.
  unsubscribe();
  const request = new Request(WARM);
  while (warmed.length < count) {
    const wrapped = wrap((asked, ...rest) =>
      asked === request ? new Response(null, { status: 204 }) : handler(asked, ...rest),
    );
    for (let i = 0; i < 1_000; i++) wrapped(request);
    warmed.push(wrapped);
  }
  unsubscribe = listen();
}

/**
 * The `fetch` of a server.
 *
 * @param more Further ways.
 */
export function createFetch(Class: typeof ResponseThen, wrap: Wrap, more: Record<string, Handler> = {}): Handler {
  const handler: Handler = ({ url }: Request) => {
    const job = jobOf(url) as Job;
    return store.run(job.id, () => {
      arrive(job);
      return answerWith(Class, job);
    });
  };
  const inner = wrap(handler, toldOf("inner", "middle"));
  const ways: Record<string, Handler> = {
    alone: handler,
    wrapped: wrap(handler, toldOf("adapter", "outer")),
    nested: wrap(
      (request, ...rest) => {
        const context = `middle ${jobOf(request.url)?.id}`;
        return store.run(context, () => inner(request, ...rest));
      },
      toldOf("adapter", "outer"),
    ),
    // Each is used once, for the first promise brought the library's own AsyncLocalStorage back.
    warmed: (request, ...rest) => (warmed.pop() as Handler)(request, ...rest),
    ...more,
  };
  return (request, ...rest) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, way = ""] = pathname.split("/");
    if (way === "warm") {
      warmUp(wrap, handler, Number(searchParams.get("count")));
      return Response.json(warmed.length);
    }
    if (way === "notes") return Response.json(notesOf(searchParams.get("round") ?? ""));
    const id = searchParams.get("id");
    return store.run(`outer ${id}`, () => (ways[way] as Handler)(request, ...rest));
  };
}
