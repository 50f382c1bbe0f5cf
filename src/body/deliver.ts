// What a stream's reader is given of a watched body.
import type { Piece } from "./pieces.ts";

/** The controller of a stream, whose reader asks for a piece. */
export type Controller = ReadableStreamDefaultController<unknown> | ReadableByteStreamController;

/** Gives a piece, or the end. */
export function deliver(
  body: { handed(piece: unknown): boolean; complete(): void },
  controller: Controller,
  next: Piece,
): undefined {
  if (!next.done) {
    // Counted first: the enqueue of a byte stream detaches the piece.
    if (body.handed(next.value)) controller.enqueue(next.value as ArrayBufferView<ArrayBuffer>);
    return;
  }
  body.complete();
  controller.close();
  // Streams standard: a pending BYOB read of a closed byte stream settles only by an answer of 0 bytes.
  (controller as ReadableByteStreamController).byobRequest?.respond(0);
}
