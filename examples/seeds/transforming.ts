// A WSGI application gives its body in two ways, as an iterable and by the write() that start_response returns, and a
// middleware that transforms bodies has to catch both, and to repair the length that is wrong now:
//
//   def uppercase(app):
//       def wrapped(environ, start_response):
//           def start(status, headers, exc_info=None):
//               headers = [(k, v) for k, v in headers if k.lower() != "content-length"]
//               write = start_response(status, headers, exc_info)
//               return lambda data: write(data.upper())
//           body = app(environ, start)
//           try:
//               for chunk in body:
//                   yield chunk.upper()
//           finally:
//               getattr(body, "close", lambda: None)()
//       return wrapped
//
// The difference: one function for a body however it is made, of text and not of bytes, and never of half a character.
// The length, the etag and the digests go by themselves. `write` waits for the client, where WSGI's blocks its thread.
import { ResponseThen } from "response-then";
import { compose, type FetchHandler, transform } from "response-then/middleware";

/** The handler, in capitals. */
export function inCapitals(handler: FetchHandler): FetchHandler {
  return compose(
    handler,
    transform((text) => text.toUpperCase()),
  );
}

/** A body as an iterable, whose length is known beforehand. */
export function iterated(log: (bytes: number) => unknown): Response {
  const body = new TextEncoder().encode("größer");
  const headers = { "content-type": "text/plain", "content-length": String(body.byteLength) };
  return new ResponseThen(body, ({ bytes }) => log(bytes), { headers });
}

/** The same, written by write(). */
export function written(log: (bytes: number) => unknown): Response {
  return ResponseThen.stream(
    async (writer) => {
      for (const piece of ["grö", "ßer"]) await writer.write(piece);
    },
    ({ bytes }) => log(bytes),
    { headers: { "content-type": "text/plain" } },
  );
}
