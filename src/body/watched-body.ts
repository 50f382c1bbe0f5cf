// A body that tells its lifecycle how it is read. It is the underlying source of the stream that a response is given.
import { READ_ON } from "../expected.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { ConsumeLimits } from "../lifecycle/options.ts";
import { type End, type Observed, toReason } from "../lifecycle/outcome.ts";
import { consumeSource } from "./consume.ts";
import { type BodySource, byteLengthOf, forms, teeSource } from "./content.ts";
import { lockSource, PIECE, type SourceReader } from "./source-reader.ts";
import { stamp } from "./stamp.ts";

/** A piece of the body, its end, or nothing because the reader left meanwhile. */
export type Next = { done: boolean; value?: unknown } | undefined;

type Controller = ReadableStreamController<unknown>;

/**
 * Read it by one hand: by the stream that is made of it, or by an adapter that carries it to the runtime.
 *
 * The source is neither locked nor read before the first piece is asked for, nor ahead of its reader. It is released
 * exactly once: by being read to its end, by its own error, or by a cancel. After that the lifecycle is told nothing
 * more, and is not referred to: it refers to the response from then on.
 */
export class WatchedBody {
  readonly type: "bytes" | undefined;
  // Every member is named, and the prototype has none: a polluted Object.prototype changes nothing.
  readonly autoAllocateChunkSize = undefined;
  readonly start = undefined;
  #kind: "bytes" | undefined;
  readonly #limits: ConsumeLimits | undefined;
  #source: BodySource | undefined;
  #lifecycle: Lifecycle | undefined;
  /** The response that goes out. Only what the stream leads to may lead to it. */
  #response: Response | undefined;
  /** Why the client is known to have left. */
  #gone: (() => unknown) | undefined;
  #rest: Uint8Array<ArrayBuffer> | undefined;
  #begun = false;
  #over = false;
  #consuming = false;
  #reader: SourceReader | undefined;
  #reading: ReturnType<SourceReader["read"]> | undefined;

  /**
   * @param type `"bytes"` for a source that is a readable byte stream.
   * @param limits With them, a cancel by the reader reads the source on to its end within these limits.
   */
  constructor(source: BodySource, type: "bytes" | undefined, lifecycle: Lifecycle, limits?: ConsumeLimits) {
    this.type = type;
    this.#kind = type;
    this.#limits = limits;
    this.#source = source;
    this.#lifecycle = lifecycle;
    this.#rest = ArrayBuffer.isView(source) && source.byteLength > 0 ? source : undefined;
  }

  /** Whether the lifecycle has been told all. */
  get over(): boolean {
    return this.#over && !this.#consuming;
  }

  /** Whether nobody has begun to read it, nor released it. */
  get untouched(): boolean {
    return !(this.#begun || this.#over);
  }

  /** Bytes of our own, or the stream that it is read from; only before the first piece. */
  get source(): BodySource | undefined {
    return this.#source;
  }

  /** @param gone Is asked when the source fails: then the client may be why. */
  sentBy(response: Response, gone?: () => unknown): void {
    this.#response = response;
    this.#gone ??= gone;
  }

  /** As an underlying source does. */
  pull(controller: Controller): void | Promise<void> {
    const next = this.next();
    if (!(next instanceof Promise)) return this.#deliver(controller, next);
    // A rejection is the stream's error.
    return next.then((next) => this.#deliver(controller, next));
  }

  /** As an underlying source does; Chromium gives more arguments. */
  cancel(reason: unknown): Promise<unknown> | undefined {
    return this.leave(reason);
  }

  /** The reader leaves before the end: cancels the source, or reads it on with `onCancel: "consume"`. */
  leave(reason: unknown, observed: Observed = "pulled"): Promise<unknown> | undefined {
    return this.#release(reason, { type: "canceled", observed, reason: toReason(reason) }, this.#limits);
  }

  /** Ends the body otherwise, and cancels the source. */
  release(reason: unknown, end: End): Promise<unknown> | undefined {
    return this.#release(reason, end);
  }

  /** The next piece, at once where it is there. Rejects with the source's error. */
  next(): Next | Promise<Next> {
    this.#begun = true;
    // Released before it was read: who reads it all the same must not wait for ever.
    if (this.#over) throw new Error(`The body was released unread${READ_ON}`);
    if (this.#rest) return this.#cut(this.#rest);
    return ArrayBuffer.isView(this.#source) ? { done: true } : this.#read();
  }

  /** Counts a piece when the reader gets it; `false` when the reader left since it asked for it. */
  handed(piece: unknown): boolean {
    this.#lifecycle?.handed(byteLengthOf(piece));
    return !this.#over;
  }

  /** The reader has all of it. */
  complete(observed: Observed = "pulled"): void {
    this.#end({ type: "completed", observed });
    this.#unlock();
  }

  /** The content goes out without this body: it tells nothing more, and gives nothing. */
  detach(): void {
    this.#lifecycle?.unguard();
    this.#lifecycle = this.#rest = this.#source = undefined;
    this.#over = true;
  }

  /** A clone goes out in its place: it tells nothing more, and may still be read. */
  mute(): void {
    this.#lifecycle?.unguard();
    this.#lifecycle = undefined;
  }

  /** The content once more, for `clone()`; only before the first piece. */
  copy(): BodySource {
    const [kept, copied] = teeSource(this.#source as BodySource);
    this.#source = kept;
    if (!ArrayBuffer.isView(kept)) this.#lifecycle?.guarded(kept);
    return copied;
  }

  /** The content is what `through` makes of it from now on; only before the first piece. */
  pass(through: (source: BodySource, type: "bytes" | undefined) => ReadableStream): void {
    const source = through(this.#source as BodySource, this.#kind);
    this.#source = source;
    this.#lifecycle?.guarded(source);
    this.#kind = this.#rest = undefined;
  }

  #deliver(controller: Controller, next: Next): void {
    if (!next) return;
    if (!next.done) {
      // Counted first: the enqueue of a byte stream detaches the piece.
      if (this.handed(next.value)) controller.enqueue(next.value as ArrayBufferView<ArrayBuffer>);
      return;
    }
    this.complete();
    controller.close();
    // Streams standard: a pending BYOB read of a closed byte stream settles only by an answer of 0 bytes.
    (controller as ReadableByteStreamController).byobRequest?.respond(0);
  }

  #cut(chunk: unknown): Next {
    this.#rest = undefined;
    if (!(ArrayBuffer.isView(chunk) && chunk.byteLength > PIECE)) return { done: false, value: chunk };
    const bytes = new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength);
    // It would count as handed over when the server takes it, however little of it the client ever gets.
    // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
    this.#rest = bytes.subarray(PIECE);
    return { done: false, value: bytes.slice(0, PIECE) };
  }

  #read(): Promise<Next> {
    const lifecycle = this.#lifecycle;
    const failed = (error: unknown) => {
      if (this.#over) return undefined;
      const gone = this.#gone?.();
      this.#end(gone === undefined ? { type: "errored", error } : { type: "canceled", reason: toReason(gone) });
      this.#unlock();
      throw error;
    };
    try {
      this.#reading = this.#lock().read();
    } catch (error) {
      return Promise.reject(error).catch(failed);
    }
    lifecycle?.guarded(undefined);
    // Not awaited: a suspended function holds twice as much. (In edge-runtime the promise may be of another realm.)
    return Promise.resolve(this.#reading).then((result) => {
      // A cancel settles the pending read, as done or as failed: neither is what became of the source.
      if (this.#over) return undefined;
      this.#reading = undefined;
      if (!result.done) lifecycle?.guarded(this.#reader);
      return result.done ? result : this.#cut(result.value);
    }, failed);
  }

  #release(reason: unknown, end: End, limits?: ConsumeLimits): Promise<unknown> | undefined {
    if (this.#over) return undefined;
    const lifecycle = this.#lifecycle;
    const response = this.#response;
    const source = this.#source;
    const fail = (error: unknown) => lifecycle?.end({ type: "errored", error }, response);
    // The response ended when its reader left, whatever the source still does.
    const duration = lifecycle?.elapsed() ?? 0;
    this.#over = true;
    lifecycle?.unguard();
    if (limits && source && !ArrayBuffer.isView(source)) {
      this.#consuming = true;
      // Async for its errors: the source may be locked by somebody else by now.
      const consume = async () => consumeSource(this.#lock(), limits, reason, this.#reading);
      consume()
        .then((consumed) => lifecycle?.end({ ...end, consumed, duration } as End, response), fail)
        .then(() => {
          this.#consuming = false;
          this.#forget();
        });
      return undefined;
    }
    const target = this.#reader ?? (source as ReadableStream);
    const fixed = ArrayBuffer.isView(source) || (!this.#begun && forms.has(target));
    const canceled = fixed ? undefined : target.cancel(reason);
    const stopping = canceled?.catch(fail);
    lifecycle?.end({ duration, ...end }, response, stopping);
    if (stopping) stopping.then(() => this.#forget());
    else this.#forget();
    return canceled;
  }

  #end(end: End): void {
    const lifecycle = this.#lifecycle;
    this.detach();
    lifecycle?.end(end, this.#response);
  }

  #forget(): void {
    this.#lifecycle = this.#rest = this.#source = undefined;
    this.#unlock();
  }

  #lock(): SourceReader {
    this.#reader ??= lockSource(this.#source as ReadableStream, this.#kind);
    return this.#reader;
  }

  #unlock(): void {
    this.#reader?.releaseLock();
    // On Deno a released reader leads to the stream (5 kB).
    this.#reader = this.#reading = undefined;
  }
}

Object.setPrototypeOf(WatchedBody.prototype, null);

/** As pull-based as can be: nothing is read before it is asked for. */
const STRATEGY: QueuingStrategy = Object.assign(Object.create(null), { highWaterMark: 0, size: undefined });

let open = (body: WatchedBody): ReadableStream =>
  new ReadableStream(body as object as UnderlyingDefaultSource, STRATEGY);

/** From now on the stream of every body is one that an adapter makes: where a JavaScript stream is not told the end. */
export function openAll(other: (body: WatchedBody) => ReadableStream): void {
  open = other;
}

/**
 * Makes the stream of a watched body: pull-based, and never ahead of its reader.
 *
 * @param guard Whether a collection of the stream ends the response.
 */
export function openStream(body: WatchedBody, lifecycle: Lifecycle, guard = true): ReadableStream {
  const stream = open(body);
  stamp(stream, lifecycle, body);
  const { source } = body;
  if (!guard) return stream;
  const released = ArrayBuffer.isView(source) || forms.has(source as object);
  lifecycle.guard(stream, released ? { cancel: async () => {} } : (source as ReadableStream));
  return stream;
}
