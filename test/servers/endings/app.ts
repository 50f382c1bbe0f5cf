// The application of every server: the first part of a path is the way in which its responses are made and sent.
import { allEventsOf, eventsOf, record, store } from "./records.ts";
import { answer, release } from "./routes.ts";

// biome-ignore lint/suspicious/noExplicitAny: what servers give beside the request differs
export type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;

/** Answers by the class alone, in the async context of the request. */
export const alone: Handler = (request: Request) => store.run(idOf(request), () => answer(request));

/** The id that the client gave to a request. */
export function idOf({ url }: { url: string }): string {
  return new URL(url, "http://localhost").searchParams.get("id") ?? "";
}

/** The way of a request, as in `/wrapped/stream`. */
export function wayOf({ url }: { url: string }): string {
  return new URL(url, "http://localhost").pathname.split("/")[1] ?? "";
}

/** What the test asks beside the routes. */
export function control(request: { url: string }): Response {
  const id = idOf(request);
  switch (wayOf(request)) {
    case "events":
      return Response.json(eventsOf(id));
    case "all-events":
      return Response.json(allEventsOf(id));
    case "release":
      release(id);
      return Response.json(true);
    case "collect":
      collect();
      return Response.json(true);
    default:
      return new Response("no such way", { status: 404 });
  }
}

function collect(): void {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  if (Bun) Bun.gc(true);
  else gc?.();
}

/** What an adapter has for handlers. */
type Wrap = (handler: Handler, callback?: ReturnType<typeof record>) => Handler;

/** The ways that go through a `withResponseThen`. */
export function wrappedWays(withResponseThen: Wrap): Record<string, Handler> {
  return {
    wrapped: withResponseThen(alone),
    told: (request, ...rest) => withResponseThen(alone, record(idOf(request), "adapter"))(request, ...rest),
    nested: (request, ...rest) => {
      const inner = withResponseThen(alone, record(idOf(request), "inner"));
      return withResponseThen(inner, record(idOf(request), "outer"))(request, ...rest);
    },
  };
}

/** A handler for all ways, and for what the test asks beside. */
export function createFetch(ways: Record<string, Handler>): Handler {
  return (request, ...rest) => {
    const handler: Handler = ways[wayOf(request)] ?? control;
    return handler(request, ...rest);
  };
}
