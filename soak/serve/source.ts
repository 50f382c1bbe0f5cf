import type { Order } from "./order.ts";

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A source of `chunks` chunks of `size` bytes; with `fails` it fails after them. */
export function source({ chunks, size, every }: Order, fails = false): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = chunks;
  return new ReadableStream(
    {
      async pull(controller) {
        if (every >= 0) await pause(every);
        if (left-- > 0) controller.enqueue(new Uint8Array(size).fill(120));
        else if (fails) controller.error(new Error("the source failed"));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A source that gives all it has and then stays open, idle. */
export function idle({ chunks, size }: Order): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (let i = 0; i < chunks; i++) controller.enqueue(new Uint8Array(size).fill(120));
    },
  });
}

export const LARGE = new Uint8Array(2_000_000).fill(120);
