import { byteLengthOf } from "./byte-length.ts";
import type { BodySource } from "./content.ts";
import { type DrainLimits, drainSource } from "./drain-source.ts";
import type { End, Ending } from "./ending.ts";
import { named, toReason } from "./outcome.ts";

type Controller = ReadableStreamController<unknown>;

/**
 * The response that a body belongs to. Only the body's stream refers to this object: what lives longer, such as the
 * registry below, must not keep the response from being collected.
 */
export interface BodyOwner {
  response?: Response;
}

/** A body that is passed through and watched. */
export interface WatchedBody {
  readonly owner: BodyOwner;
  /** What is to be read. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** The content once more, for `clone()`; only before the first pull. */
  copy(): BodySource | null;
  /** Ends the body before its end, and cancels the source; with limits, reads it on to its end within these. */
  release(reason: unknown, end: End, response?: Response, limits?: DrainLimits): Promise<void> | undefined;
}

// A chunk counts as handed over when a server takes it, however little of it the client ever gets.
const PIECE = 65_536;

const abandoned =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<WatchedBody["release"]>((release) => {
        const reason = named("AbandonedError", "The response was never read to its end nor canceled");
        release(reason, { type: "canceled", reason });
      })
    : undefined;

/**
 * Passes a body through, pulled piece by piece and never ahead of its reader, and tells its ending how it ends.
 *
 * The source is neither locked nor read before the first pull, and it is released exactly once: by being read to its
 * end, by its own error, or by `cancel(reason)`.
 *
 * @param type The kind of the stream to be read.
 * @param drainLimits With them, a cancel by the reader reads the source on to its end within these limits.
 */
export function watchBody(
  opened: BodySource,
  type: "bytes" | undefined,
  opening: Ending,
  drainLimits?: DrainLimits,
): WatchedBody {
  let source: BodySource | undefined = opened;
  let ending: Ending | undefined = opening;
  let rest = source instanceof Uint8Array && source.byteLength > 0 ? source : undefined;
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  let reading: Promise<ReadableStreamReadResult<unknown>> | undefined;

  /** The body is over: tells the ending, and refers to it no more, for it refers to the response from now on. */
  const finish = (end: End, response?: Response) => {
    ending?.end(end, response);
    ending = rest = source = undefined;
  };

  const lock = () => {
    if (reader === undefined) {
      reader = (source as ReadableStream).getReader() as ReadableStreamDefaultReader<unknown>;
      // On workerd a source that errors leaves an unhandled rejection behind here.
      reader.closed.catch(() => {});
    }
    return reader;
  };

  const hand = (controller: Controller, chunk: unknown) => {
    let piece = chunk;
    rest = undefined;
    if (chunk instanceof Uint8Array && chunk.byteLength > PIECE) {
      // A copy, not a view: a reader that transfers the piece's buffer must not take the rest with it.
      piece = new Uint8Array(chunk.subarray(0, PIECE));
      rest = chunk.subarray(PIECE) as Uint8Array<ArrayBuffer>;
    }
    // Counted first: the enqueue of a byte stream detaches the piece.
    ending?.handed(byteLengthOf(piece));
    controller.enqueue(piece as ArrayBufferView<ArrayBuffer>);
  };

  const complete = (controller: Controller, response?: Response) => {
    finish({ type: "completed" }, response);
    reader?.releaseLock();
    controller.close();
    // Streams standard: a pending BYOB read of a closed byte stream settles only by an answer of 0 bytes.
    (controller as ReadableByteStreamController).byobRequest?.respond(0);
  };

  const pullSource = async (controller: Controller, owner: BodyOwner) => {
    try {
      reading = lock().read();
      const { done, value } = await reading;
      // A cancel settles the pending read, as done or as failed: neither is what became of the source.
      if (!ending) return;
      reading = undefined;
      if (done) complete(controller, owner.response);
      else hand(controller, value);
    } catch (error) {
      if (!ending) return;
      finish({ type: "errored", error }, owner.response);
      reader?.releaseLock();
      controller.error(error);
    }
  };

  const release: WatchedBody["release"] = (reason, end, response, limits) => {
    if (!ending) return undefined;
    const { elapsed, end: report } = ending;
    const fail = (error: unknown) => report({ type: "errored", error }, response);
    const fixed = source instanceof Uint8Array;
    if (limits && !fixed) {
      // The response ended when its reader left, whatever the source still gives.
      const duration = elapsed();
      drainSource(lock(), limits, reason, reading).then(
        (drained) => report({ ...end, drained, duration } as End, response),
        fail,
      );
      ending = undefined;
      return undefined;
    }
    const target = reader ?? (source as ReadableStream);
    finish(end, response);
    if (fixed) return undefined;
    const released = target.cancel(reason);
    released.catch(fail).then(() => reader?.releaseLock());
    return released;
  };

  const cancel = (reason: unknown, response?: Response) =>
    release(reason, { type: "canceled", reason: toReason(reason) }, response, drainLimits);

  const copy = () => {
    if (source instanceof Uint8Array) return source.slice();
    // The platform's own tee for responses keeps byte streams what they are, and copies chunks where it must.
    const kept = new Response(source);
    const copied = kept.clone();
    source = kept.body as ReadableStream;
    return copied.body;
  };

  const pull = (controller: Controller, owner: BodyOwner) => {
    if (rest) hand(controller, rest);
    else if (source instanceof Uint8Array) complete(controller, owner.response);
    else return pullSource(controller, owner);
    return undefined;
  };

  const { owner, stream } = openStream(type, pull, cancel);
  abandoned?.register(stream, release);
  return { owner, stream, release, copy };
}

/** Apart from the state above: what the registry holds must not see the owner, not even by a shared closure scope. */
function openStream(
  type: "bytes" | undefined,
  pull: (controller: Controller, owner: BodyOwner) => Promise<void> | undefined,
  cancel: (reason: unknown, response?: Response) => Promise<void> | undefined,
): Pick<WatchedBody, "owner" | "stream"> {
  const owner: BodyOwner = {};
  // Null prototypes and every member named: a polluted Object.prototype changes nothing.
  const source = {
    __proto__: null,
    type,
    autoAllocateChunkSize: undefined,
    start: undefined,
    pull: (controller: Controller) => pull(controller, owner),
    cancel: (reason: unknown) => cancel(reason, owner.response),
  };
  const strategy = { __proto__: null, highWaterMark: 0, size: undefined };
  const stream = new ReadableStream(source as object as UnderlyingDefaultSource, strategy as object as QueuingStrategy);
  return { owner, stream };
}
