import { setImmediate as immediate } from "node:timers/promises";
import type { ReaderModel } from "./reader-model.ts";
import type { Source } from "./source.ts";
import { make } from "./values.ts";

/** What a reader did and saw. */
export class Reading {
  /** The bytes that it got, piece by piece; or their number alone, where they came in a form of its own. */
  readonly pieces: Uint8Array[] = [];
  /** How often it asked for a piece; `undefined` where the platform asks for it. */
  asked: number | undefined = 0;
  /** How it ended, when it has: with a cancel of its own, with the end of the body, or with an error. */
  end: "canceled" | "done" | "failed" | undefined;
  error: unknown;
  reason: unknown;
  /** What the source had come to when the reader canceled. */
  stateAtCancel: Source["state"] | undefined;
  /** Ends the reading from outside, where it never ends. */
  sweep: () => void = () => {};

  get bytes(): Buffer {
    return Buffer.concat(this.pieces);
  }
}

/** Reads a response as the model says. Fulfils when the reader does nothing more, which may be never. */
export async function read(model: ReaderModel, response: Response, source: Source, reading: Reading): Promise<void> {
  const cancel = (target: { cancel(reason: unknown): Promise<void> }, reason: unknown) => {
    reading.end = "canceled";
    reading.reason = reason;
    reading.stateAtCancel = source.state;
    // Of a cloned response it settles only when the clone is canceled too.
    target.cancel(reason).catch(() => {});
  };
  const body = response.body;
  if (!body) {
    reading.end = "done";
    return;
  }
  try {
    switch (model.reads) {
      case "all":
        reading.asked = undefined;
        await readAll(model.by, response, reading);
        break;
      case "some":
        if (!(await readSome(model, response, body.getReader(), reading, cancel))) return;
        break;
      case "byob":
        reading.asked = undefined;
        if (!(await readViews(model, body, reading, cancel))) return;
        break;
      case "for await, and breaks": {
        const pieces = body[Symbol.asyncIterator]();
        for (reading.asked = 1; ; reading.asked++) {
          const { done, value } = await pieces.next();
          if (done) break;
          reading.pieces.push(value);
          if (reading.asked < model.after) continue;
          // As break does it.
          return cancel({ cancel: async () => void (await pieces.return?.()) }, undefined);
        }
        break;
      }
      case "both of a tee": {
        reading.asked = undefined;
        const [one, other] = body.tee();
        if (model.cancels === "one") {
          one.cancel(make(model.reason)).catch(() => {});
          reading.pieces.push(...(await collect(other)));
          break;
        }
        const [first, second] = [make(model.reason), make(model.reason)];
        one.cancel(first).catch(() => {});
        cancel({ cancel: () => other.cancel(second) }, [first, second]);
        return;
      }
      case "nothing, and cancels":
        return cancel(body, make(model.reason));
      case "nothing":
        reading.sweep = () => cancel(body, new Error("swept away"));
        return;
    }
    // A cancel from outside settles the read that was under way.
    reading.end ??= "done";
  } catch (error) {
    reading.end ??= "failed";
    reading.error = error;
  }
}

type Cancel = (target: { cancel(reason: unknown): Promise<void> }, reason: unknown) => void;

async function readAll(by: string, response: Response, reading: Reading): Promise<void> {
  const body = response.body as ReadableStream<Uint8Array>;
  switch (by) {
    case "arrayBuffer":
      return void reading.pieces.push(new Uint8Array(await response.arrayBuffer()));
    case "blob":
      return void reading.pieces.push(new Uint8Array(await (await response.blob()).arrayBuffer()));
    case "text":
      return void reading.pieces.push(new TextEncoder().encode(await response.text()));
    case "pipe":
      return void reading.pieces.push(...(await collect(body.pipeThrough(new TransformStream()))));
    case "tee": {
      const [one, other] = body.tee();
      const [pieces] = await Promise.all([collect(one), collect(other)]);
      return void reading.pieces.push(...pieces);
    }
    default:
      for await (const piece of body) reading.pieces.push(piece);
  }
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

/** Whether the body has come to its end. */
async function readSome(
  { pieces, pending, last, reason }: Extract<ReaderModel, { reads: "some" }>,
  response: Response,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  reading: Reading,
  cancel: Cancel,
): Promise<boolean> {
  const one = async () => {
    reading.asked = (reading.asked ?? 0) + 1;
    const { done, value } = await reader.read();
    if (value) reading.pieces.push(value);
    return !done;
  };
  reading.sweep = () => cancel(reader, new Error("swept away"));
  for (const pauses of pieces) {
    if (pauses) await immediate();
    if (!(await one())) return true;
    // Too late, and it must not harm.
    try {
      response.clone();
      throw new Error("a response that is being read was cloned");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  if (last === "goes on to the end") {
    while (await one());
    return true;
  }
  if (pending) {
    const settle = (end: "done" | "failed", error?: unknown) => {
      if (reading.end) return;
      reading.end = end;
      reading.error = error;
    };
    one().then(
      (more) => more || settle("done"),
      (error) => settle("failed", error),
    );
  }
  if (last === "cancels") cancel(reader, make(reason));
  return false;
}

async function readViews(
  { views, last, reason }: Extract<ReaderModel, { reads: "byob" }>,
  body: ReadableStream<Uint8Array>,
  reading: Reading,
  cancel: Cancel,
): Promise<boolean> {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: "byob" });
  } catch {
    // Of a default stream there is no such reader.
    reading.pieces.push(...(await collect(body)));
    return true;
  }
  reading.sweep = () => cancel(reader, new Error("swept away"));
  for (let i = 0; last !== "cancels" || i < views.length; i++) {
    const { done, value } = await reader.read(new Uint8Array(views[i % views.length] as number));
    if (value) reading.pieces.push(value);
    if (done) return true;
  }
  cancel(reader, make(reason));
  return false;
}
