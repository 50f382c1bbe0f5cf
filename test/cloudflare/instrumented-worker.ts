// The Workers of instrumented.test.ts: the binding KIND says how one is instrumented.
import { type Outcome, ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

/** What happened, in its order. */
const events: string[] = [];
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes its time. */
const tell = (name: string) => async (outcome: Outcome) => {
  await pause(50);
  events.push(`${name} ${outcome.type}`);
};

class Worker {
  readonly #name = "worker";
  fetch(request: Request, _env: unknown, _ctx?: unknown): Response {
    const { pathname } = new URL(request.url);
    if (pathname === "/events") return Response.json(events);
    if (pathname === "/plain") return new Response("text");
    if (pathname === "/stream") {
      return new ResponseThen(new Blob(["te", "xt"]).stream(), tell(this.#name));
    }
    return new ResponseThen("text", tell(this.#name));
  }
  scheduled({ cron }: { cron: string }): void {
    events.push(`${this.#name} scheduled ${cron}`);
  }
}

const worker = () => withResponseThen(new Worker()) as { -readonly [Key in keyof Worker]: Worker[Key] };
const instrumented = <T extends (...args: never[]) => unknown>(name: string, handler: T): T =>
  new Proxy(handler, {
    apply(target, self, args) {
      events.push(`${name} begins`);
      return Reflect.apply(target, self, args);
    },
  });

/** Calls the Worker as Vitest's pool does, and tells what its `ctx` was given, and what had happened when that settled. */
async function withContext(
  path: string,
  call: (request: Request, ctx: Context) => Response | Promise<Response>,
): Promise<Response> {
  const waited: Promise<unknown>[] = [];
  const ctx: Context = { waitUntil: (promise) => void waited.push(promise) };
  const before = events.length;
  const response = await call(new Request(new URL(path, "http://worker.example/")), ctx);
  await response.text();
  for (let done = 0; done < waited.length; ) done = (await Promise.allSettled(waited)).length;
  return Response.json({ given: waited.length > 0, events: events.slice(before) });
}

const kinds = {
  /** As Sentry does it: the handlers are replaced on the object itself. */
  proxy: () => {
    const own = worker();
    own.fetch = instrumented("fetch", own.fetch);
    own.scheduled = instrumented("scheduled", own.scheduled);
    return own;
  },
  /** As OpenTelemetry's wrappers do it. */
  spread: () => {
    const own = { ...worker() };
    return { ...own, fetch: instrumented("fetch", own.fetch), scheduled: instrumented("scheduled", own.scheduled) };
  },
  assigned: () => {
    const own = worker();
    own.scheduled = ({ cron }) => void events.push(`another scheduled ${cron}`);
    return own;
  },
  defined: () => {
    const own = worker();
    Object.defineProperty(own, "fetch", { value: instrumented("fetch", own.fetch) });
    return own;
  },
  /** Inside, and after it was wrapped. */
  inside: () => {
    const inner = {
      fetch: (request: Request) => new Worker().fetch(request, undefined),
      scheduled: ({ cron }: { cron: string }) => void events.push(`inner scheduled ${cron}`),
    };
    const own = withResponseThen(inner);
    inner.fetch = instrumented("fetch", inner.fetch);
    return own;
  },
  context: () => {
    const own = worker();
    const told = withResponseThen(new Worker(), tell("for all"));
    const alone = withResponseThen((request: Request, _env: unknown, _ctx?: unknown) =>
      new Worker().fetch(request, undefined),
    );
    return {
      fetch(request: Request): Response | Promise<Response> {
        const { pathname } = new URL(request.url);
        const [, kind = "", path = ""] = pathname.split("/");
        if (kind === "events") return Response.json(events);
        if (kind === "own") return withContext(path, (asked, ctx) => own.fetch(asked, {}, ctx));
        if (kind === "told") return withContext(path, (asked, ctx) => told.fetch(asked, {}, ctx));
        if (kind === "function") return withContext(path, (asked, ctx) => alone(asked, {}, ctx));
        // Without one: the ambient one waits.
        return own.fetch(new Request(new URL(path, request.url)), {});
      },
    };
  },
};

// (Its binding is declared by another Worker of the tests.)
const { env } = (await import("cloudflare:workers")) as unknown as { env: { KIND: keyof typeof kinds } };

export default kinds[env.KIND]();
