// The specification of WSGI: if the iterable has a close(), it must be called, also when the body was not iterated to its
// end. A middleware that stops early is the one who has to, and the one who forgets:
//
//   def first_bytes(app, limit):
//       def wrapped(environ, start_response):
//           body = app(environ, start_response)
//           try:
//               left = limit
//               for chunk in body:
//                   yield chunk[:left]
//                   left -= len(chunk)
//                   if left <= 0:
//                       return
//           finally:
//               getattr(body, "close", lambda: None)()
//       return wrapped
//
// The difference: what stops the body cancels its source, exactly once. And the callback hears that the response
// completed, because that is what its client saw.
import type { Middleware } from "response-then/middleware";
import { transform } from "response-then/middleware";

/** Ends every body after `limit` bytes. */
export function firstBytes(limit: number): Middleware {
  return transform(() => {
    let left = limit;
    return new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= chunk.byteLength;
        if (left <= 0) controller.terminate();
      },
    });
  });
}

/** Answers in the place of the handler; the response that it drops must not stay open. */
export function maintenance(isDown: () => boolean): Middleware {
  return (next) =>
    async (request, ...rest) => {
      const response = await next(request, ...rest);
      if (!isDown()) return response;
      await response.body?.cancel(new Error("Down for maintenance"));
      return new Response("Back soon", { status: 503 });
    };
}
