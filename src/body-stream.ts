import { named } from "./outcome.ts";
import type { Next, WatchedBody } from "./watched-body.ts";

/**
 * The response that a body belongs to. Only the body's stream refers to this object: what lives longer, such as the
 * registry below, must not keep the response from being collected.
 */
export interface BodyOwner {
  response?: Response;
}

const abandoned =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<WatchedBody>((body) => {
        const reason = named("AbandonedError", "The response was never read to its end nor canceled");
        body.release(reason, { type: "canceled", reason });
      })
    : undefined;

/**
 * Makes the stream of a watched body: pull-based, and never ahead of its reader.
 *
 * @param type The kind of stream that the plain response would have.
 */
export function openStream(
  body: WatchedBody,
  owner: BodyOwner,
  type: "bytes" | undefined,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  type Controller = ReadableStreamController<unknown>;
  const deliver = (controller: Controller, next: Next) => {
    if (!next) return;
    if (!next.done) {
      // Counted first: the enqueue of a byte stream detaches the piece.
      if (body.handed(next.value)) controller.enqueue(next.value as ArrayBufferView<ArrayBuffer>);
      return;
    }
    body.complete(owner.response);
    controller.close();
    // Streams standard: a pending BYOB read of a closed byte stream settles only by an answer of 0 bytes.
    (controller as ReadableByteStreamController).byobRequest?.respond(0);
  };
  // Null prototypes and every member named: a polluted Object.prototype changes nothing.
  const source = {
    __proto__: null,
    type,
    autoAllocateChunkSize: undefined,
    start: undefined,
    pull(controller: Controller) {
      const next = body.next(owner.response);
      if (!(next instanceof Promise)) return deliver(controller, next);
      return next.then(
        (next) => deliver(controller, next),
        (error) => controller.error(error),
      );
    },
    cancel: (reason: unknown) => body.cancel(reason, owner.response),
  };
  const strategy = { __proto__: null, highWaterMark: 0, size: undefined };
  return new ReadableStream(source as object as UnderlyingDefaultSource, strategy as object as QueuingStrategy);
}

/** From now on a stream that is collected unread, or in the middle, ends its body as canceled. */
export function watchForAbandonment(stream: ReadableStream, body: WatchedBody): void {
  abandoned?.register(stream, body);
}
