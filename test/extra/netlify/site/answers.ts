// What the functions of this site answer, and how they tell the test what happened. Runs on Node and Deno.
import { type Callback, ResponseThen, withResponseThen } from "response-then/netlify";

/** What is used of Netlify's context. */
export interface Context {
  waitUntil(promise: Promise<unknown>): void;
  /** The answer of the next edge function. */
  next(): Promise<Response>;
}

declare const Netlify: { readonly context: Context | null };

type Tell = (...event: unknown[]) => Promise<void>;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Tells the test, in the order of the events. The test says in the url where it listens. */
function teller({ searchParams }: URL): Tell {
  const notes = `http://127.0.0.1:${searchParams.get("notes")}/${searchParams.get("id")}`;
  let last = Promise.resolve();
  return (...event) => {
    last = last.then(async () => {
      await fetch(notes, { method: "POST", body: JSON.stringify(event) });
    });
    return last;
  };
}

function record(tell: Tell, who: string, late = 0): Callback {
  return async (outcome) => {
    await pause(late);
    const { type, observed, bytes, response } = outcome;
    const why = type === "errored" ? `${outcome.error}` : type === "canceled" ? outcome.phase : bytes;
    await tell(who, type, observed, response.status, why);
  };
}

/** Pieces of 1,000 bytes, one every 20 ms; then the end, or a failure. */
function source(pieces: number, fails = false): ReadableStream<Uint8Array> {
  let pulls = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await pause(20);
        if (pulls++ < pieces) return controller.enqueue(new Uint8Array(1_000).fill(97));
        if (fails) throw new Error("source failed");
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

const answers: Record<string, (own: Callback, tell: Tell) => Response> = {
  string: (own) => new ResponseThen("Hello", own),
  stream: (own) => new ResponseThen(source(5), own),
  big: (own) => new ResponseThen(new Uint8Array(4 * 1024 * 1024), own),
  endless: (own) => new ResponseThen(source(Number.POSITIVE_INFINITY), own),
  fails: (own) => new ResponseThen(source(2, true), own),
  nothing: (own) => new ResponseThen(null, own, { status: 204 }),
  redirect: (own) => ResponseThen.redirect("https://example.com/", own),
  plain: () => new Response("Hello"),
  late: (_, tell) => new ResponseThen("Hello", record(tell, "own", 300)),
  throws: () => {
    throw new Error("no answer");
  },
};

/** A context that tells what its `waitUntil` is given, and when that settles. */
function watched(context: Context, tell: Tell): Context {
  const waitUntil = (promise: Promise<unknown>) => {
    tell("waits");
    context.waitUntil(promise.finally(() => tell("settled")));
  };
  return Object.assign(Object.create(context), { waitUntil });
}

/** Answers a request to `/<runtime>/<way>/<answer>`. In the emulator each has a worker of its own. */
export async function handle(request: Request, context: Context): Promise<Response> {
  const url = new URL(request.url);
  const [, , way, name = ""] = url.pathname.split("/");
  const tell = teller(url);
  const { get } = Object.getOwnPropertyDescriptor(Netlify, "context") as { get(): Context | null };
  Object.defineProperty(Netlify, "context", {
    get() {
      const current = get();
      return current && watched(current, tell);
    },
  });
  const handler = async (_request: Request, _context: Context) => {
    // The context is found after it too.
    await pause(1);
    const answer = answers[name];
    if (!answer) throw new Error(`no such answer: ${name}`);
    return answer(record(tell, "own"), tell);
  };
  const answering = way === "alone" ? handler : withResponseThen(handler, record(tell, "adapter"));
  return answering(request, watched(context, tell));
}
