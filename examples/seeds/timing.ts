// The two logging middlewares of every WSGI tutorial. The first times the call, and so tells 3 ms of a stream that takes
// ten seconds; the second is a generator, and times the whole iteration with `finally`.
//
//   def timed_call(app):
//       def wrapped(environ, start_response):
//           start = perf_counter()
//           try:
//               return app(environ, start_response)
//           finally:
//               log(perf_counter() - start)
//       return wrapped
//
//   def timed_iteration(app):
//       def wrapped(environ, start_response):
//           start = perf_counter()
//           body = app(environ, start_response)
//           try:
//               yield from body
//           finally:
//               getattr(body, "close", lambda: None)()
//               log(perf_counter() - start)
//       return wrapped
//
// The difference: the second needs no generator around the body, cannot forget to close it, and knows how it ended. And
// the handler runs when it is called, where a generator runs the application only at its own first next().
import { ResponseThen } from "response-then";
import type { Middleware } from "response-then/middleware";

type Log = (what: string, milliseconds: number) => unknown;

/** Logs how long the handler took to answer, also when it throws. */
export function timedCall(log: Log): Middleware {
  return (next) =>
    async (request, ...rest) => {
      const start = performance.now();
      try {
        return await next(request, ...rest);
      } finally {
        log("answered", performance.now() - start);
      }
    };
}

/** Logs how long the response took to its end. */
export function timedIteration(log: Log): Middleware {
  return (next) =>
    async (request, ...rest) => {
      const start = performance.now();
      const response = await next(request, ...rest);
      return ResponseThen.from(response, ({ type }) => log(type, performance.now() - start));
    };
}
