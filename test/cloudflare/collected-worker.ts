// The Worker of collected.test.ts: builds a response and drops it; it is collected in another request, or in none.
import { ResponseThen as Bound, withResponseThen } from "../../adapters/cloudflare.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";

declare const gc: () => void;

const events: string[] = [];
const record = (name: string) => (outcome: Outcome) => {
  const why =
    outcome.type === "canceled" ? ` ${outcome.reason.name}` : outcome.type === "errored" ? ` ${outcome.error}` : "";
  events.push(`${name} ${outcome.type}${why}`);
};
const source = (name: string, type?: "bytes") => {
  const underlying = {
    type,
    pull: (controller: ReadableStreamDefaultController) => controller.enqueue(new Uint8Array(10)),
    cancel: () => void events.push(`${name} source canceled`),
  };
  return new ReadableStream(underlying as UnderlyingDefaultSource, { highWaterMark: 0 });
};

const drops: Record<string, (name: string) => unknown> = {
  core: (name) => new ResponseThen(source(name), record(name)),
  "core-bytes": (name) => new ResponseThen(source(name, "bytes"), record(name)),
  "core-text": (name) => new ResponseThen("text", record(name)),
  "core-mid-body": (name) => new ResponseThen(source(name), record(name)).body?.getReader().read(),
  bound: (name) => new Bound(source(name), record(name)),
  "bound-mid-body": (name) => new Bound(source(name), record(name)).body?.getReader().read(),
};

async function drop(name: string): Promise<void> {
  await drops[name]?.(name);
}

const dropping = withResponseThen(async () => {
  await drop("bound");
  return new Response("another one");
});

export default {
  async fetch(request: Request, ...rest: [unknown, unknown]): Promise<Response> {
    const [, verb, name = ""] = new URL(request.url).pathname.split("/");
    if (verb === "drop") await drop(name);
    else if (verb === "wrapped") return (dropping as (...all: unknown[]) => Promise<Response>)(request, ...rest);
    else gc();
    return Response.json(events);
  },
};
