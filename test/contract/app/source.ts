import { note, pause } from "./records.ts";

export interface SourceOptions {
  /** Bytes of a chunk; default 1,000. */
  readonly chunk?: number;
  readonly chunks?: number;
  /** Before each chunk, in ms. */
  readonly every?: number;
  /** Fails instead of giving the chunk of this number, counted from 0. */
  readonly failAt?: number;
  /** Gives nothing more from the chunk of this number on. */
  readonly stallAt?: number;
  /** Waits for this before the chunk of number 1. */
  readonly gate?: Promise<void> | (() => Promise<void>);
}

const pulled = new Map<string, number>();

/** How many bytes the source of a request has been asked for. */
export function pulledOf(id: string): number {
  return pulled.get(id) ?? 0;
}

/** A source that is pulled, never ahead of its reader, and that records its cancel. */
export function source(id: string, options: SourceOptions = {}): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { chunk = 1_000, chunks = Number.POSITIVE_INFINITY, every, failAt, stallAt } = options;
  let pulls = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        if (every !== undefined) await pause(every);
        if (pulls === 1) await (typeof options.gate === "function" ? options.gate() : options.gate);
        if (pulls === failAt) return controller.error(new Error("source failed"));
        if (pulls === stallAt) return new Promise<void>(() => {});
        if (pulls === chunks) return controller.close();
        pulls++;
        pulled.set(id, pulls * chunk);
        controller.enqueue(new Uint8Array(chunk).fill(97));
      },
      cancel() {
        note(id, "source canceled", { pulls });
      },
    },
    { highWaterMark: 0 },
  );
}
