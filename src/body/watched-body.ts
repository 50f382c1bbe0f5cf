// A body that tells its lifecycle how it is read. It is the underlying source of the stream that a response is given.
import { READ_ON } from "../expected.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { ConsumeLimits } from "../lifecycle/options.ts";
import type { End, Observed } from "../lifecycle/outcome.ts";
import { type Broken, consumeSource } from "./consume.ts";
import { type BodySource, byteLengthOf } from "./content.ts";
import { type Controller, deliver } from "./deliver.ts";
import { endOfFailure, endOfLeaving, type Failure, holdBack, WHOLE } from "./failure.ts";
import { type Piece, Pieces, type SourceOfKind } from "./pieces.ts";
import type { Stamped } from "./stamp.ts";

/** A piece of the body, its end, or nothing because the reader left meanwhile. */
export type Next = Piece | undefined;

/**
 * It has one reader: the stream that is made of it, or an adapter that carries it to the runtime.
 *
 * The source is neither locked nor read before the first piece is asked for, nor ahead of its reader. It is released
 * exactly once: by being read to its end, by its own error, or by a cancel. After that the lifecycle is told nothing
 * more, and is not referred to: it refers to the response from then on.
 */
export class WatchedBody {
  readonly type: "bytes" | undefined;
  readonly #pieces: Pieces;
  readonly #limits: ConsumeLimits | undefined;
  #lifecycle: Lifecycle | undefined;
  /** The response that goes out. Only what the stream leads to may lead to it. */
  #response: Response | undefined;
  /** Why the client is known to have left. */
  #gone: (() => unknown) | undefined;
  #begun = false;
  #over = false;
  /** What the source failed with, while the server may still cancel. */
  #failure: Failure | undefined;
  #consuming = false;

  /**
   * @param type `"bytes"` for a source that is a readable byte stream.
   * @param limits With them, a cancel by the reader reads the source on to its end within these limits.
   */
  constructor(source: BodySource, type: "bytes" | undefined, lifecycle: Lifecycle, limits?: ConsumeLimits) {
    this.type = type;
    this.#pieces = new Pieces(source, type);
    this.#limits = limits;
    this.#lifecycle = lifecycle;
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
    return this.#pieces.source;
  }

  /** What its stream is found by, until it is over. */
  get stamped(): Stamped | undefined {
    return this.#lifecycle && { lifecycle: this.#lifecycle, body: this, copy: false };
  }

  /** @param gone Is asked when the source fails: then the client may be why. */
  sentBy(response: Response, gone?: () => unknown): void {
    this.#response = response;
    this.#gone ??= gone;
  }

  /** As an underlying source does. */
  pull(controller: Controller): undefined | Promise<unknown> {
    const here = this.#here();
    // A rejection is the stream's error.
    return here ? deliver(this, controller, here) : this.#read(controller);
  }

  /** As an underlying source does; Chromium gives more arguments. */
  cancel(reason: unknown): Promise<unknown> | undefined {
    return this.leave(reason);
  }

  /** The reader leaves before the end: cancels the source, or reads it on with `onCancel: "consume"`. */
  leave(reason: unknown, observed: Observed = "pulled"): Promise<unknown> | undefined {
    const failure = this.#failure;
    const whole = !this.#over && this.#lifecycle?.reached(this.#response?.headers);
    const end = whole ? WHOLE : endOfLeaving(reason, observed, failure, this.#limits);
    // What has failed has nothing left to be read.
    return this.release(reason, end, failure ? undefined : this.#limits);
  }

  /** Ends the body before its own end, and cancels the source, or reads it on within `limits`. */
  release(reason: unknown, end: End, limits?: ConsumeLimits): Promise<unknown> | undefined {
    if (this.#over) return undefined;
    const lifecycle = this.#lifecycle;
    const response = this.#response;
    this.#response = this.#gone = undefined;
    const pieces = this.#pieces;
    const fail = (error: unknown) => lifecycle?.failed(error, response);
    // The response ended when its reader left, whatever the source still does.
    const duration = lifecycle?.facts.elapsed() ?? 0;
    this.#over = true;
    this.mute();
    if (limits && pieces.source && !ArrayBuffer.isView(pieces.source)) {
      this.#consuming = true;
      const broken: Broken = {};
      // Async for its errors: the source may be locked by somebody else by now.
      const consume = async () => consumeSource(pieces.lock(), limits, reason, pieces.reading, broken);
      consume()
        .then((consumed) => {
          lifecycle?.end({ ...end, consumed, duration } as End, response, broken.stopping);
          if (broken.failure) fail(broken.failure.error);
        }, fail)
        .then(() => {
          this.#consuming = false;
          pieces.release();
        });
      return undefined;
    }
    const canceled = this.#failure ? undefined : pieces.cancel(reason);
    lifecycle?.end({ duration, ...end }, response, canceled?.catch(fail));
    // At once: a source whose cancel never settles must not stay locked.
    pieces.release();
    return canceled;
  }

  /** The next piece, at once where it is there. Rejects with the source's error. */
  next(): Next | Promise<Next> {
    return this.#here() ?? this.#read();
  }

  /** Counts a piece when the reader gets it; `false` when the reader left since it asked for it. */
  handed(piece: unknown): boolean {
    this.#lifecycle?.facts.handed(byteLengthOf(piece));
    return !this.#over;
  }

  /** The reader has all of it. */
  complete(observed: Observed = "pulled"): void {
    this.#end({ type: "completed", observed });
  }

  /** The content goes out without this body: it tells nothing more, and gives nothing. */
  detach(): void {
    this.mute();
    this.#over = true;
    this.#pieces.release();
  }

  /** A clone goes out in its place: it tells nothing more, and may still be read. */
  mute(): void {
    this.#lifecycle?.unguard();
    this.#lifecycle = undefined;
  }

  /** The content is what `through` makes of it from now on; only before the first piece. */
  pass(through: (...from: SourceOfKind) => SourceOfKind): void {
    this.#pieces.replace(through);
    this.#guardSource();
  }

  /** Takes the source from everybody else: who finds it locked leaves it alone. */
  takeOver(): void {
    this.#pieces.takeOver();
    this.#guardSource();
  }

  #guardSource(): void {
    const { reader, source } = this.#pieces;
    if (!ArrayBuffer.isView(source)) this.#lifecycle?.guarded(reader ?? source);
  }

  #here(): Piece | undefined {
    this.#begun = true;
    // Released before it was read: who reads it all the same must not wait for ever.
    if (this.#over) throw new Error(`The body was released unread${READ_ON}`);
    return this.#pieces.here();
  }

  /** In one reaction, and with few closures: an open stream holds what its pending read does. */
  #read(controller?: Controller): Promise<Next> {
    const failed = (error: unknown) => (this.#over ? undefined : this.#fail(error));
    let reading: Promise<Piece>;
    try {
      // (In edge-runtime the promise may be of another realm.)
      reading = Promise.resolve(this.#pieces.read());
    } catch (error) {
      return Promise.reject(error).catch(failed);
    }
    this.#lifecycle?.guarded(undefined);
    // Not awaited: a suspended function holds twice as much.
    return reading.then((result) => {
      // A cancel settles the pending read, as done or as failed: neither is what became of the source.
      if (this.#over) return undefined;
      if (!result.done) this.#lifecycle?.guarded(this.#pieces.reader);
      try {
        const next = result.done ? result : this.#pieces.cut(result.value);
        return controller ? deliver(this, controller, next) : next;
      } catch (error) {
        // A chunk that no stream of this kind takes, or that throws when it is measured.
        this.release(error, { type: "errored", error })?.catch(() => {});
        throw error;
      }
    }, failed);
  }

  async #fail(error: unknown): Promise<undefined> {
    const duration = this.#lifecycle?.facts.elapsed() ?? 0;
    this.#failure = { error };
    if (!this.#gone) await holdBack();
    if (this.#over) return;
    this.#end({ ...endOfFailure(error, this.#gone), duration });
    throw error;
  }

  #end(end: End): void {
    const lifecycle = this.#lifecycle;
    this.detach();
    lifecycle?.end(end, this.#response);
    this.#response = this.#gone = undefined;
  }
}

// Every member is named, and there is no further prototype: a polluted Object.prototype changes nothing.
Object.assign(WatchedBody.prototype, { start: undefined, autoAllocateChunkSize: undefined });
Object.setPrototypeOf(WatchedBody.prototype, null);
