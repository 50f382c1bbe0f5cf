// The application for bodies that are no streams of the platform: /<way>/<kind>/<next>?id=, on Node, Bun and Deno.
import { Readable } from "node:stream";
import { type Outcome, ResponseThen } from "../../../src/index.ts";

// biome-ignore lint/suspicious/noExplicitAny: every server gives something else beside the request
type Handler = (request: Request, ...rest: any[]) => Response | Promise<Response>;
type Wrap = (handler: Handler) => Handler;

const events = new Map<string, string[]>();
const eventsOf = (id: string) => {
  const list = events.get(id) ?? [];
  events.set(id, list);
  return list;
};
const gates = new Map<string, () => void>();
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const gate = (id: string) => new Promise<void>((resolve) => gates.set(id, resolve));
const piece = () => new Uint8Array(1_000);

/** Gives pieces for ever, or one and then waits at the gate for what comes next. */
async function* generator(id: string, next: "flows" | "ends" | "gives" | "fails"): AsyncGenerator<Uint8Array> {
  try {
    yield piece();
    while (next === "flows") {
      await pause(5);
      yield piece();
    }
    await gate(id);
    if (next === "gives") yield piece();
    if (next === "fails") throw new Error("source failed");
  } finally {
    eventsOf(id).push("released");
  }
}

function readable(id: string, next: "flows" | "ends" | "gives" | "fails"): Readable {
  let reads = 0;
  return new Readable({
    read() {
      if (next === "flows") return void setTimeout(() => this.push(piece()), 5);
      if (reads++ === 0) return void this.push(piece());
      gate(id).then(() => {
        if (next === "fails") this.destroy(new Error("source failed"));
        else this.push(next === "gives" ? piece() : null);
      });
    },
    destroy(error, done) {
      eventsOf(id).push("released");
      done(error);
    },
  });
}

/** A stream that is none of the platform's, as GraphQL Yoga's on Node: iterable, and with the methods of one. */
class Ponyfill {
  readonly #readable: Readable;
  readonly locked = false;
  constructor(readable: Readable) {
    this.#readable = readable;
  }
  getReader(): object {
    const iterator = this[Symbol.asyncIterator]();
    return {
      read: () => iterator.next(),
      cancel: () => this.cancel(),
      closed: new Promise(() => {}),
      releaseLock() {},
    };
  }
  async cancel(reason?: Error): Promise<void> {
    this.#readable.destroy(reason);
  }
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#readable[Symbol.asyncIterator]();
  }
  get [Symbol.toStringTag](): string {
    return "ReadableStream";
  }
}

const kinds = {
  generator,
  readable,
  ponyfill: (id: string, next: Parameters<typeof readable>[1]) => new Ponyfill(readable(id, next)),
};

/** The handler of a server. */
export function createFetch(withResponseThen: Wrap): Handler {
  const alone: Handler = (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const [, way, kind = "", next = ""] = pathname.split("/");
    const id = searchParams.get("id") ?? "";
    if (way === "events") return Response.json(eventsOf(id));
    if (way === "release") return Response.json(gates.get(id)?.() ?? true);
    const body = kinds[kind as keyof typeof kinds](id, next as "flows") as unknown as ReadableStream;
    if (way === "plain") return new Response(body);
    return new ResponseThen(body, (outcome: Outcome) => {
      const error = outcome.type === "errored" ? ` ${(outcome.error as Error).message}` : "";
      eventsOf(id).push(`${outcome.type} ${outcome.bytes}${error}`);
    });
  };
  const wrapped = withResponseThen(alone);
  return (request, ...rest) =>
    (new URL(request.url).pathname.startsWith("/wrapped/") ? wrapped : alone)(request, ...rest);
}
