import type { Outcome } from "response-then/hono";
import { pause } from "./pause.ts";
import { type Fact, timeline } from "./timeline.ts";

/** How long a callback of the demo takes: long enough to see that nobody waits for it. */
const CALLBACK_MS = 300;

/** Pieces are told of in bundles: a download has hundreds in a moment. */
const BUNDLE_MS = 100;

let responses = 0;

/** What the server sees of one response. It goes to the timeline as it happens. */
export class Sighting {
  readonly id: string;
  readonly path: string;
  readonly #response = ++responses;
  #latest = 0;
  #pulled = 0;

  /** @param id The page's for the press of a button; requests from elsewhere have none. */
  constructor(method: string, path: string, id = "") {
    this.id = /^[\w-]{1,40}$/.test(id) ? id : crypto.randomUUID();
    this.path = path;
    this.#note("called", { request: `${method} ${path}` });
  }

  /** The handler has its answer. */
  answered(): void {
    this.#note("answered");
  }

  /** A stream that makes a piece when it is pulled and nothing ahead, and notes what is done to it. */
  source(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
    let [count, bytes, told, canceled] = [0, 0, 0, false];
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      if (count === 0) {
        this.#note("first pull");
        this.#pulled = this.#latest;
      }
      const { done, value } = await pieces.next();
      // The piece that was being made when the client left: nobody gets it.
      if (canceled) return;
      if (!done) [count, bytes] = [count + 1, bytes + value.byteLength];
      if (done || Date.now() - told >= BUNDLE_MS) {
        told = Date.now();
        this.#note("pieces", { count, bytes });
      }
      if (!done) return controller.enqueue(value);
      this.#note("source ended");
      controller.close();
    };
    return new ReadableStream(
      {
        pull: (controller) =>
          pull(controller).catch((error) => {
            this.#note("source failed", { error: `${error}` });
            throw error;
          }),
        cancel: () => {
          canceled = true;
          if (count > 0) this.#note("pieces", { count, bytes });
          this.#note("source canceled");
          pieces.return(undefined);
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The callback of the response. What it is told is put on the timeline at the moment that it speaks of. */
  callback = async (outcome: Outcome): Promise<void> => {
    const { type, observed, bytes, chunks, startTime, duration, firstByteTime, response } = outcome;
    const more =
      outcome.type === "canceled"
        ? { phase: outcome.phase, reason: `${outcome.reason}` }
        : outcome.type === "errored"
          ? { phase: outcome.phase, error: `${outcome.error}` }
          : {};
    const facts = { type, observed, status: response.status, bytes, chunks, duration, ...more };
    // `startTime` is in whole ms, and so these may be before what came before them, by less than one.
    const after = (time: number, earlier: number) => Math.max(time, Math.min(earlier, time + 1));
    const end = after(startTime + duration, this.#latest);
    if (firstByteTime !== undefined) this.#note("first byte handed over", {}, after(firstByteTime, this.#pulled));
    this.#note("ended", facts, end);
    this.#note("callback started");
    await pause(CALLBACK_MS);
    this.#note("callback done");
  };

  #note(what: Fact["what"], details: Record<string, string | number | undefined> = {}, at = Date.now()): void {
    this.#latest = at;
    timeline.add({ ...details, id: this.id, response: this.#response, what, at });
  }
}
