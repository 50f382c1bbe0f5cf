// Gives the next piece of a watched body, or its end, to the controller of a stream.
import type { Piece } from "./pieces.ts";

/** The controller of a default stream or of a byte stream. */
export type Controller = ReadableStreamDefaultController<unknown> | ReadableByteStreamController;

/** Enqueues a piece, or closes the stream at the end of the body. */
export function deliver(
  body: { handed(piece: unknown): boolean; complete(): void },
  controller: Controller,
  next: Piece,
): undefined {
  if (!next.done) {
    // Counted first, because `enqueue` of a byte stream detaches the piece.
    if (body.handed(next.value)) controller.enqueue(next.value as ArrayBufferView<ArrayBuffer>);
    return;
  }
  body.complete();
  controller.close();
  // Streams standard: after `close()` a pending BYOB read settles only when it is answered with 0 bytes.
  (controller as ReadableByteStreamController).byobRequest?.respond(0);
}
