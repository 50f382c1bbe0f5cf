import { byteLengthOf } from "./byte-length.ts";
import { type DrainLimits, drainSource } from "./drain-source.ts";
import { AbandonedError, type Drained } from "./outcome.ts";

/** What a body is made of: bytes of our own, or a stream of somebody else's. */
export type BodyContent = Uint8Array<ArrayBuffer> | ReadableStream;

/**
 * What a watched body reports: every piece handed over, then one ending. (A `cancel()` of the source that fails is
 * reported after the cancel, as an error.)
 */
export interface BodyObserver {
  handed(bytes: number): void;
  completed(response: Response | undefined): void;
  canceled(response: Response | undefined, reason: unknown, drained?: Promise<Drained>): void;
  errored(response: Response | undefined, error: unknown): void;
}

/**
 * The response that a body belongs to. Only the body's stream refers to it: what lives longer, such as the registry
 * below, must not keep the response from being collected.
 */
export interface BodyOwner {
  response?: Response;
}

// A chunk counts as handed over when a server takes it, however little of it the client ever gets.
const PIECE = 65_536;

const abandoned =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<WatchedBody>((body) => body.abandon())
    : undefined;

/**
 * Passes a body through, pulled piece by piece and never ahead of its reader, and reports how it ends.
 *
 * The source is neither locked nor read before the first pull, and it is released exactly once: by being read to its
 * end, by its own error, or by `cancel(reason)`.
 */
export class WatchedBody {
  #content: BodyContent | undefined;
  #rest: Uint8Array | undefined;
  #reader: ReadableStreamDefaultReader<unknown> | undefined;
  #reading: Promise<ReadableStreamReadResult<unknown>> | undefined;
  #observer: BodyObserver | undefined;
  readonly #drainLimits: DrainLimits | undefined;

  /** @param drainLimits With them, a cancel by the reader reads the source on to its end within these limits. */
  constructor(content: BodyContent, observer: BodyObserver, drainLimits?: DrainLimits) {
    this.#content = content;
    this.#observer = observer;
    this.#drainLimits = drainLimits;
    if (content instanceof Uint8Array && content.byteLength > 0) this.#rest = content;
  }

  /** Makes the stream to be read, a readable byte stream if `type` is `"bytes"`. To be called once. */
  open(owner: BodyOwner, type: "bytes" | undefined): ReadableStream<Uint8Array<ArrayBuffer>> {
    // Null prototypes and every member named: a polluted Object.prototype changes nothing.
    const source = {
      __proto__: null,
      type,
      autoAllocateChunkSize: undefined,
      start: undefined,
      pull: (controller: ReadableStreamController<unknown>) => this.#pull(controller, owner),
      cancel: (reason: unknown) => this.#cancel(reason, owner),
    };
    const strategy = { __proto__: null, highWaterMark: 0, size: undefined };
    const stream = new ReadableStream(
      source as object as UnderlyingDefaultSource,
      strategy as object as QueuingStrategy,
    );
    abandoned?.register(stream, this);
    return stream;
  }

  /** The content once more, for `clone()`; only before the first pull. */
  copy(): Uint8Array<ArrayBuffer> | ReadableStream | null {
    if (this.#content instanceof Uint8Array) return this.#content.slice();
    // The platform's own tee for responses keeps byte streams what they are, and copies chunks where it must.
    const kept = new Response(this.#content);
    const copied = kept.clone();
    this.#content = kept.body as ReadableStream;
    return copied.body;
  }

  /** The response goes out without its body: releases the source and reports no ending. */
  discard(reason: Error): void {
    const observer = this.#letGo();
    if (observer !== undefined) this.#release(reason).catch((error) => observer.errored(undefined, error));
  }

  /** The stream was collected, so nobody can read it to its end or cancel it any more. */
  abandon(): void {
    const reason = new AbandonedError("The response was never read to its end nor canceled");
    this.#observer?.canceled(undefined, reason);
    this.discard(reason);
  }

  #pull(controller: ReadableStreamController<unknown>, owner: BodyOwner): Promise<void> | undefined {
    if (this.#rest !== undefined) this.#hand(controller, this.#rest);
    else if (this.#content instanceof Uint8Array) this.#complete(controller, owner);
    else return this.#pullSource(controller, owner);
    return undefined;
  }

  async #pullSource(controller: ReadableStreamController<unknown>, owner: BodyOwner): Promise<void> {
    try {
      this.#reading = this.#lock().read();
      const { done, value } = await this.#reading;
      // A cancel settles the pending read, as done or as failed: neither is what became of the source.
      if (this.#observer === undefined) return;
      this.#reading = undefined;
      if (done) this.#complete(controller, owner);
      else this.#hand(controller, value);
    } catch (error) {
      const observer = this.#letGo();
      if (observer === undefined) return;
      observer.errored(owner.response, error);
      this.#unlock();
      controller.error(error);
    }
  }

  #lock(): ReadableStreamDefaultReader<unknown> {
    if (this.#reader === undefined) {
      this.#reader = (this.#content as ReadableStream).getReader();
      // On workerd a source that errors leaves an unhandled rejection behind here.
      this.#reader.closed.catch(() => {});
    }
    return this.#reader;
  }

  #hand(controller: ReadableStreamController<unknown>, chunk: unknown): void {
    let piece = chunk;
    this.#rest = undefined;
    if (chunk instanceof Uint8Array && chunk.byteLength > PIECE) {
      // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
      piece = new Uint8Array(chunk.subarray(0, PIECE));
      this.#rest = chunk.subarray(PIECE);
    }
    // Counted first: the enqueue of a byte stream detaches the piece.
    this.#observer?.handed(byteLengthOf(piece));
    controller.enqueue(piece as ArrayBufferView<ArrayBuffer>);
  }

  #complete(controller: ReadableStreamController<unknown>, owner: BodyOwner): void {
    this.#letGo()?.completed(owner.response);
    this.#unlock();
    controller.close();
    // Streams standard: a pending BYOB read of a closed byte stream settles only by an answer of 0 bytes.
    (controller as ReadableByteStreamController).byobRequest?.respond(0);
  }

  #cancel(reason: unknown, owner: BodyOwner): Promise<void> | undefined {
    const observer = this.#letGo();
    if (observer === undefined) return undefined;
    const { response } = owner;
    if (this.#drainLimits !== undefined && this.#content instanceof ReadableStream) {
      const drained = drainSource(this.#lock(), this.#drainLimits, reason, this.#reading);
      observer.canceled(response, reason, drained);
      return undefined;
    }
    observer.canceled(response, reason);
    const released = this.#release(reason);
    released.catch((error) => observer.errored(response, error));
    return released;
  }

  /** The body is over: nothing more is reported, and the response is not kept alive by what it reported to. */
  #letGo(): BodyObserver | undefined {
    const observer = this.#observer;
    this.#observer = undefined;
    this.#rest = undefined;
    return observer;
  }

  #unlock(): void {
    this.#content = undefined;
    this.#reader?.releaseLock();
  }

  async #release(reason: unknown): Promise<void> {
    const content = this.#content;
    const reader = this.#reader;
    this.#content = undefined;
    if (content === undefined || content instanceof Uint8Array) return;
    try {
      await (reader ?? content).cancel(reason);
    } finally {
      reader?.releaseLock();
    }
  }
}
