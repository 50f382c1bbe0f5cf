// The application for producers that take their time to stop: /<way>/<kind>/<ms>?id=. The way is `alone`, the class in the
// handler; `wrapped`, in an adapter's; or `plain`, plain responses under a callback for all. Runs on every runtime.
import type { Callbacks, Outcome, ResponseThen } from "../../../src/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: what hosts give beside the request differs
type Handler = (request: any, ...rest: any[]) => Response | Promise<Response>;
type Wrap = (handler: Handler, callback?: Callbacks) => Handler;

/** What happened, and when, in ms since the response was built. */
export interface Event {
  readonly what: string;
  readonly at: number;
  readonly outcome?: { readonly type: string; readonly released?: boolean; readonly duration: number };
}

const events = new Map<string, Event[]>();
const starts = new Map<string, number>();
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

function note(id: string, what: string, outcome?: Event["outcome"]): void {
  const list = events.get(id) ?? [];
  events.set(id, list);
  list.push({ what, at: performance.now() - (starts.get(id) ?? 0), ...(outcome && { outcome }) });
}

const record =
  (id: string) =>
  (outcome: Outcome): void => {
    const { type, duration } = outcome;
    note(id, "told", { type, duration, ...(outcome.type === "canceled" && { released: outcome.released }) });
  };

/** Stops `ms` after it was told to; never where that is negative. */
async function stop(id: string, ms: number): Promise<void> {
  note(id, "left");
  if (ms < 0) return new Promise(() => {});
  await pause(ms);
  note(id, "stopped");
}

const source = (id: string, ms: number) =>
  new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        await pause(5);
        controller.enqueue(new Uint8Array(1_000));
      },
      cancel: () => stop(id, ms),
    },
    { highWaterMark: 0 },
  );

async function* generator(id: string, ms: number): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      await pause(5);
      yield new Uint8Array(1_000);
    }
  } finally {
    await stop(id, ms);
  }
}

type Make = (Class: typeof ResponseThen, id: string, ms: number) => Response;

const kinds: Record<string, Make> = {
  cancel: (Class, id, ms) => new Class(source(id, ms), record(id)),
  generator: (Class, id, ms) => new Class(generator(id, ms) as unknown as ReadableStream, record(id)),
  /** Awaits a query when the client leaves. */
  written: (Class, id, ms) =>
    Class.stream(async (writer) => {
      try {
        for (;;) {
          await writer.write(new Uint8Array(1_000));
          await pause(5);
        }
      } catch {
        await stop(id, ms);
      }
    }, record(id)),
  consumed: (Class, id, ms) =>
    new Class(source(id, ms), record(id), { onCancel: "consume", consumeLimit: { bytes: 20_000 } }),
};

/** The handler of a server. */
export function createFetch(Class: typeof ResponseThen, withResponseThen: Wrap): Handler {
  const alone: Handler = (request: Request) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, way, kind = "", ms] = pathname.split("/");
    const id = searchParams.get("id") ?? "";
    if (way === "events") return Response.json(events.get(id) ?? []);
    starts.set(id, performance.now());
    if (way === "plain") return new Response(source(id, Number(ms)));
    return (kinds[kind] as Make)(Class, id, Number(ms));
  };
  const wrapped = withResponseThen(alone);
  return (request: Request, ...rest) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname.startsWith("/wrapped/")) return wrapped(request, ...rest);
    if (pathname.startsWith("/plain/"))
      return withResponseThen(alone, record(searchParams.get("id") ?? ""))(request, ...rest);
    return alone(request, ...rest);
  };
}
