// What the requests of one scenario share in the server, and what routes build their responses with.
import type { Callbacks, Outcome } from "../../src/index.ts";

/** A record of one call of a callback: what it was told, and when. */
export interface Told {
  /** The name of the callback. For a callback for all, or a listener, also the route that was answered. */
  readonly who: string;
  /** `type status bytes /route`, as far as known. If the response has a header `x-mark`, it follows the status. */
  readonly what: string;
  /** When, in ms since the epoch. */
  readonly at: number;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What the requests of one scenario share in the server. Through this they affect each other. */
export class Run {
  /** A cache of responses. */
  readonly kept: Map<string, Response> = new Map();
  /** Wakes those that wait for another request. */
  readonly waiting: (() => void)[] = [];
  readonly told: Told[] = [];
  readonly marks: string[] = [];
  readonly words: Set<string> = new Set();

  /** Makes a callback that records what it is told. With `unnamed` the route that was answered follows the name. */
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

  /** Waits for another request. A timer runs meanwhile: Workers end a request that waits for nothing of its own. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const timer = setInterval(() => {}, 1_000);
    const value = await promise.finally(() => clearInterval(timer));
    return value;
  }

  /** Wakes everything that waits. */
  wakeAll(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Waits until the test has said `word`. It polls with timers, which on Workers belong to the request that waits. */
  async hear(word: string): Promise<void> {
    while (!this.words.has(word)) await pause(10);
  }

  /** A body of two pieces. The second one comes when the test has said `word`. */
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

/** Makes the response of a route. `callback` is the name of a recorder, or any callbacks. */
export type Make = (callback: string | Callbacks, body: BodyInit | null, init?: ResponseInit) => Response;

/**
 * Adds a content-type to the init of a response with a body. Without one, servers and their own classes of Response
 * send different ones, which test/wire tests.
 */
export function typed(body: BodyInit | null, { headers, ...init }: ResponseInit = {}): ResponseInit {
  return { ...init, headers: { ...(body !== null && { "content-type": "text/plain" }), ...(headers as object) } };
}

/** Makes a plain response. */
export const plain = (body: BodyInit | null, init?: ResponseInit): Response => new Response(body, typed(body, init));

/** Makes a stream of the pieces of an iterable, pulled one by one. */
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
