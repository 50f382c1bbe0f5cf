import { setImmediate as immediate } from "node:timers/promises";
import { turns } from "./property.ts";
import type { BodyModel, FixedModel, StreamModel } from "./source-model.ts";
import { make, patternOf } from "./values.ts";

/** The chunk of a stream, as bytes. */
function bytesOf(chunk: number | string, from: number): Uint8Array<ArrayBuffer> {
  return typeof chunk === "number" ? patternOf(chunk, from) : new TextEncoder().encode(chunk);
}

/** A body made of its model, and what happened to it. */
export class Source {
  readonly body: ConstructorParameters<typeof Response>[0];
  readonly stream: ReadableStream | undefined;
  /** All that it has to give; `undefined` where the platform makes it. */
  readonly content: Buffer | undefined;
  /** The sizes of its chunks. */
  readonly sizes: readonly number[];
  /** Whether it is we who cut its chunks into pieces, and not the platform. */
  readonly cutByUs: boolean;
  /** Whether it is read on after a cancel. */
  readonly isStream: boolean;
  readonly error: unknown;
  readonly cancelError = new Error("cancel failed");
  state: "open" | "closed" | "failed" | "canceled" = "open";
  readonly reasons: unknown[] = [];
  /** Whether its cancel() is running. */
  stopping = false;
  pulls = 0;
  #controller: ReadableStreamController<unknown> | undefined;

  constructor(model: BodyModel) {
    if ("fixed" in model) {
      this.body = fixedOf(model);
      this.content = contentOf(model, this.body);
      this.sizes = this.content && this.content.length > 0 ? [this.content.length] : [];
      this.cutByUs = model.fixed !== "blob" && model.fixed !== "form";
      this.isStream = !this.cutByUs;
      return;
    }
    // A byte stream takes no empty chunk.
    const least = model.stream === "bytes" ? 1 : 0;
    let from = 0;
    const chunks = model.chunks
      .map(([chunk]) => {
        const bytes = bytesOf(chunk, from);
        from += bytes.length;
        return bytes;
      })
      .filter((bytes) => bytes.length >= least);
    this.content = Buffer.concat(chunks);
    this.sizes = chunks.map(({ length }) => length);
    this.cutByUs = this.isStream = true;
    this.error = make(model.failsWith);
    this.stream = this.#open(model, chunks);
    this.body = this.stream;
  }

  /** Ends what would stay open for ever. */
  fail(error: unknown): void {
    if (this.state !== "open") return;
    this.state = "failed";
    this.#controller?.error(error);
  }

  #stop(canceling: StreamModel["canceling"]): Promise<void> | undefined {
    if (canceling === "fulfils") return undefined;
    if (canceling === "throws") throw this.cancelError;
    if (canceling === "rejects") return Promise.reject(this.cancelError);
    this.stopping = true;
    return turns(3).then(() => {
      this.stopping = false;
      if (canceling === "rejects late") throw this.cancelError;
    });
  }

  #open(model: StreamModel, chunks: readonly Uint8Array<ArrayBuffer>[]): ReadableStream {
    let next = 0;
    const source = {
      ...(model.stream === "bytes" && { type: "bytes" as const }),
      start: (controller: ReadableStreamController<unknown>) => {
        this.#controller = controller;
      },
      pull: async (controller: ReadableStreamController<unknown>) => {
        this.pulls++;
        const chunk = chunks[next];
        const after = chunk ? model.chunks[next]?.[1] : model.afterLast;
        next++;
        if (after === "a microtask") await undefined;
        if (after === "a macrotask") await immediate();
        if (this.state !== "open") return;
        // A byte stream takes the chunk's buffer away.
        if (chunk) return controller.enqueue(chunk.slice());
        if (model.end === "stays open") return new Promise<void>(() => {});
        this.state = model.end === "closes" ? "closed" : "failed";
        if (model.end === "fails") return controller.error(this.error);
        controller.close();
        (controller as ReadableByteStreamController).byobRequest?.respond(0);
      },
      cancel: (reason: unknown) => {
        this.reasons.push(reason);
        this.state = "canceled";
        return this.#stop(model.canceling);
      },
    };
    const ahead = model.stream === "bytes" && model.ahead > 0 ? 1 : model.ahead;
    return new ReadableStream(source as object as UnderlyingDefaultSource, { highWaterMark: ahead });
  }
}

function fixedOf({ fixed, content }: FixedModel): ConstructorParameters<typeof Response>[0] {
  const text = typeof content === "string" ? content : "é".repeat(content / 2) + "x".repeat(content % 2);
  const bytes = bytesOf(content, 0);
  const form = new FormData();
  form.set("field", text);
  switch (fixed) {
    case "null":
      return null;
    case "string":
      return text;
    case "bytes":
      return bytes;
    case "buffer":
      return bytes.buffer;
    case "view":
      return new DataView(bytes.buffer, Math.floor(bytes.length / 3));
    case "blob":
      return new Blob([bytes], { type: "text/x-blob" });
    case "params":
      return new URLSearchParams({ field: text });
    case "form":
      return form;
  }
}

/** `undefined` for a form, which the platform writes with a boundary of its own. */
function contentOf(
  { fixed, content }: FixedModel,
  body: ConstructorParameters<typeof Response>[0],
): Buffer | undefined {
  if (fixed === "blob") return Buffer.from(bytesOf(content, 0));
  if (typeof body === "string") return Buffer.from(new TextEncoder().encode(body));
  if (body instanceof ArrayBuffer) return Buffer.from(body.slice(0));
  if (ArrayBuffer.isView(body))
    return Buffer.from(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
  if (body instanceof URLSearchParams) return Buffer.from(String(body));
  return body === null ? Buffer.alloc(0) : undefined;
}
