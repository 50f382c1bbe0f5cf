// The WSGI middleware that adds a header: it wraps start_response, because the headers pass through that.
//
//   def with_header(app, name, value):
//       def wrapped(environ, start_response):
//           def start(status, headers, exc_info=None):
//               return start_response(status, [*headers, (name, value)], exc_info)
//           return app(environ, start)
//       return wrapped
//
// The difference: a response has its headers with it, so there is nothing to wrap. The body is not touched, and the
// callbacks stay. A string replaces the header, where the list above may have it twice.
import { headers, type Middleware } from "response-then/middleware";

/** Adds a header to every response. */
export function withHeader(name: string, value: string): Middleware {
  return headers({ [name]: value });
}
