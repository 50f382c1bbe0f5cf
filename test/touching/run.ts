import type { Callbacks, Outcome } from "../../src/index.ts";

/** What a callback was told, and when. */
export interface Told {
  /** The name of the callback; of one for all, and of a listener, with the route that was answered. */
  readonly who: string;
  /** `type status bytes /route`, as far as it is known; a status with the mark of the response's headers. */
  readonly what: string;
  /** In ms since the epoch. */
  readonly at: number;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the requests of one scenario share in the server, and by which they touch each other. */
export class Run {
  /** A cache. */
  readonly kept: Map<string, Response> = new Map();
  /** What waits for another request. */
  readonly waiting: (() => void)[] = [];
  readonly told: Told[] = [];
  readonly marks: string[] = [];
  readonly words: Set<string> = new Set();

  /** Makes the callback of that name. One without a name is called as the route that was answered. */
  recorder(name: string, unnamed = false): (outcome: Outcome) => void {
    return (outcome) => {
      const { type, response, bytes, request } = outcome;
      const route = request ? `/${new URL(request.url).pathname.split("/")[3]}` : "";
      const mark = response.headers.get("x-mark");
      const status = mark ? `${response.status}:${mark}` : response.status;
      const what = `${type} ${status} ${bytes} ${route}`.trim();
      this.told.push({ who: unnamed ? `${name} ${route || "?"}` : name, what, at: Date.now() });
    };
  }

  /** Waits for another request. A timer runs meanwhile: Workers ends a request that waits for nothing of its own. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const timer = setInterval(() => {}, 1_000);
    const value = await promise.finally(() => clearInterval(timer));
    return value;
  }

  /** Lets everything go on that waits. */
  wakeAll(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Waits until the test has said a word. It asks by timers, which on Workers belong to the request that waits. */
  async hear(word: string): Promise<void> {
    while (!this.words.has(word)) await pause(10);
  }

  /** A body of two pieces: the second one is there when the test has said `word`. */
  gated(first: string, second: string, word = "go"): ReadableStream<Uint8Array<ArrayBuffer>> {
    const run = this;
    return streamOf(
      (async function* () {
        yield first;
        await run.hear(word);
        yield second;
      })(),
    );
  }
}

/** What a route's response is made of: a callback by its name, or any. */
export type Make = (callback: string | Callbacks, body: BodyInit | null, init?: ResponseInit) => Response;

/**
 * The init of every response with a body: what servers and their own classes of Response send where no content-type is
 * said differs, and is the matter of test/wire.
 */
export function typed(body: BodyInit | null, { headers, ...init }: ResponseInit = {}): ResponseInit {
  return { ...init, headers: { ...(body !== null && { "content-type": "text/plain" }), ...(headers as object) } };
}

/** A plain response, in a scenario in which ours touch it. */
export const plain = (body: BodyInit | null, init?: ResponseInit): Response => new Response(body, typed(body, init));

/** A stream of what an iterable gives, pulled piece by piece. */
export function streamOf(
  pieces: AsyncIterable<string | Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) return controller.close();
        controller.enqueue(typeof value === "string" ? new TextEncoder().encode(value) : value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
