import type { Outcome, ResponseThen } from "../../../src/index.ts";

/** A sentence about the object, told inside of the host: the host runs it, and tells what it saw as JSON. */
export interface Inside {
  readonly text: string;
  /** Whose promise or bug it is after; `own` where it is ours. */
  readonly from: string;
  readonly run: (Class: typeof ResponseThen) => unknown;
  /** What must have been seen. */
  readonly expected: unknown;
  /** Nothing else may go on in the host meanwhile. */
  readonly serial?: boolean;
  /** It takes seconds, whatever the machine. */
  readonly slow?: boolean;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Fulfils with what the promise does; rejects when that takes too long, and says what was waited for. */
export async function within<T>(what: string, promise: Promise<T>, ms = 5_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The outcome, once the callbacks have settled, and a little later, so that a second run of one would show. */
export async function ended(response: ResponseThen): Promise<Outcome> {
  const outcome = await within("the end", response.finished);
  await pause(20);
  return outcome;
}

/** A source of these pieces that notes its cancel, and fails at its end where there is an error to fail with. */
export function source(
  pieces: readonly string[],
  notes: unknown[] = [],
  failure?: { readonly error: unknown },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let next = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        await pause(1);
        const piece = pieces[next++];
        if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
        else if (failure) controller.error(failure.error);
        else controller.close();
      },
      cancel: (reason) => void notes.push(["source canceled", `${reason}`]),
    },
    { highWaterMark: 0 },
  );
}

/** The reader of a body that is there. */
export function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  return (response.body as ReadableStream<Uint8Array>).getReader();
}

/** What a promise is rejected with, in one line. */
export async function refused(promise: Promise<unknown> | undefined): Promise<string> {
  return (promise ?? Promise.resolve()).then(
    () => "nothing",
    (error: unknown) => `${error}`,
  );
}
