// A body that reports to its lifecycle how it is read. It is the underlying source of the stream of a response.
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

/** A piece of the body, its end, or `undefined` if the reader has left meanwhile. */
export type Next = Piece | undefined;

/**
 * A body with one reader: the stream that is made of it, or an adapter that carries it to the runtime.
 *
 * The source is not read before the first piece is asked for, and never ahead of the reader. It is not locked before
 * that either, unless by `takeOver()`. It is released exactly once: when it is read to its end, when it fails, or when
 * it is canceled. After that the body reports nothing more to the lifecycle, and drops it, because it then refers to
 * the response.
 */
export class WatchedBody {
  readonly type: "bytes" | undefined;
  readonly #pieces: Pieces;
  readonly #limits: ConsumeLimits | undefined;
  #lifecycle: Lifecycle | undefined;
  /** The response that is sent. Only what is reachable from the stream may refer to it. */
  #response: Response | undefined;
  /** Returns why the client has left, or `undefined` if it is not known to have left. */
  #gone: (() => unknown) | undefined;
  #begun = false;
  #over = false;
  /** The error of the source, which the reader is not told while the server may still cancel. */
  #failure: Failure | undefined;
  #consuming = false;

  /**
   * @param type `"bytes"` for a source that is a readable byte stream.
   * @param limits If given, a cancel by the reader reads the source to its end within these limits.
   */
  constructor(source: BodySource, type: "bytes" | undefined, lifecycle: Lifecycle, limits?: ConsumeLimits) {
    this.type = type;
    this.#pieces = new Pieces(source, type);
    this.#limits = limits;
    this.#lifecycle = lifecycle;
  }

  /** Whether the lifecycle has been told everything. */
  get over(): boolean {
    return this.#over && !this.#consuming;
  }

  /** Whether the body was neither read nor released. */
  get untouched(): boolean {
    return !(this.#begun || this.#over);
  }

  /** Our own bytes, or the stream that is read. Use it only before the first piece. */
  get source(): BodySource | undefined {
    return this.#pieces.source;
  }

  /** The stamp of its stream; `undefined` when the body is over. */
  get stamped(): Stamped | undefined {
    return this.#lifecycle && { lifecycle: this.#lifecycle, body: this, copy: false };
  }

  /**
   * Sets the response that sends the body.
   *
   * @param gone Called when the source fails, because the client may be the cause.
   */
  sentBy(response: Response, gone?: () => unknown): void {
    this.#response = response;
    this.#gone ??= gone;
  }

  /** The `pull` of an underlying source. */
  pull(controller: Controller): undefined | Promise<unknown> {
    const here = this.#here();
    // A rejected promise errors the stream.
    return here ? deliver(this, controller, here) : this.#read(controller);
  }

  /** The `cancel` of an underlying source. Chromium passes more arguments, so only the reason is passed on. */
  cancel(reason: unknown): Promise<unknown> | undefined {
    return this.leave(reason);
  }

  /** Ends the body because its reader left. Cancels the source, or with `onCancel: "consume"` reads it to its end. */
  leave(reason: unknown, observed: Observed = "pulled"): Promise<unknown> | undefined {
    const failure = this.#failure;
    const whole = !this.#over && this.#lifecycle?.reached(this.#response?.headers);
    const end = whole ? WHOLE : endOfLeaving(reason, observed, failure, this.#limits);
    // A source that has failed has nothing left to be read.
    return this.release(reason, end, failure ? undefined : this.#limits);
  }

  /** Ends the body early. Cancels the source, or consumes it within `limits`. */
  release(reason: unknown, end: End, limits?: ConsumeLimits): Promise<unknown> | undefined {
    if (this.#over) return undefined;
    const lifecycle = this.#lifecycle;
    const response = this.#response;
    this.#response = this.#gone = undefined;
    const pieces = this.#pieces;
    const fail = (error: unknown) => lifecycle?.failed(error, response);
    // The duration ends when the reader leaves, whatever the source still does.
    const duration = lifecycle?.facts.elapsed() ?? 0;
    this.#over = true;
    this.mute();
    if (limits && pieces.source && !ArrayBuffer.isView(pieces.source)) {
      this.#consuming = true;
      const broken: Broken = {};
      // Async, so that a throw becomes a rejection: somebody else may have locked the source by now.
      const consume = async () => consumeSource(pieces.lock(), limits, reason, pieces.reading, broken);
      consume()
        .catch((error) => {
          broken.failure = { error };
        })
        .then((consumed) => {
          lifecycle?.end({ ...end, ...(consumed && { consumed }), duration } as End, response, broken.stopping);
          if (broken.failure) fail(broken.failure.error);
        })
        .then(() => {
          this.#consuming = false;
          pieces.release();
        });
      return undefined;
    }
    const canceled = this.#failure ? undefined : pieces.cancel(reason);
    lifecycle?.end({ duration, ...end }, response, canceled?.catch(fail));
    // Released at once, because a source whose cancel never settles must not stay locked.
    pieces.release();
    return canceled;
  }

  /** The next piece, without a promise if it is at hand. Rejects with the source's error. */
  next(): Next | Promise<Next> {
    return this.#here() ?? this.#read();
  }

  /** Counts a piece when the reader gets it. Returns `false` if the reader has left since it asked for the piece. */
  handed(piece: unknown): boolean {
    this.#lifecycle?.facts.handed(byteLengthOf(piece), piece);
    return !this.#over;
  }

  /** Ends the body as completed, because the reader has all of it. */
  complete(observed: Observed = "pulled"): void {
    this.#end({ type: "completed", observed });
  }

  /** Ends the body without a report: it reports nothing more, and gives no more pieces. */
  detach(): void {
    this.mute();
    this.#over = true;
    this.#pieces.release();
  }

  /** Stops the reports, as when a clone is sent instead. The body may still be read. */
  mute(): void {
    this.#lifecycle?.unguard();
    this.#lifecycle = undefined;
  }

  /** Replaces the content by what `through` makes of it; only before the first piece. */
  pass(through: (...from: SourceOfKind) => SourceOfKind): void {
    this.#pieces.replace(through);
    this.#guardSource();
  }

  /** Locks the source before it is read, so that nobody else reads it. */
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
    // Somebody reads a body that was released unread. The read must fail, or it would never settle.
    if (this.#over) throw new Error(`The body was released unread${READ_ON}`);
    return this.#pieces.here();
  }

  /** Uses one promise reaction and few closures, because an open stream keeps alive what its pending read refers to. */
  #read(controller?: Controller): Promise<Next> {
    const failed = (error: unknown) => (this.#over ? undefined : this.#fail(error));
    let reading: Promise<Piece>;
    try {
      // In edge-runtime the promise may belong to another realm.
      reading = Promise.resolve(this.#pieces.read());
    } catch (error) {
      return Promise.reject(error).catch(failed);
    }
    this.#lifecycle?.guarded(undefined);
    // Not awaited, because a suspended function holds twice as much memory.
    return reading.then((result) => {
      // A cancel settles the pending read, as done or as failed. Neither says what happened to the source.
      if (this.#over) return undefined;
      if (!result.done) this.#lifecycle?.guarded(this.#pieces.reader);
      try {
        const next = result.done ? result : this.#pieces.cut(result.value);
        return controller ? deliver(this, controller, next) : next;
      } catch (error) {
        // The stream does not accept this chunk, or measuring it threw.
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

// Every member is defined and the prototype is null, so a polluted `Object.prototype` changes nothing.
Object.assign(WatchedBody.prototype, { start: undefined, autoAllocateChunkSize: undefined });
Object.setPrototypeOf(WatchedBody.prototype, null);
