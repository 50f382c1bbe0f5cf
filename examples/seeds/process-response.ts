// Django's middleware of the old style, and MiddlewareMixin's of today: a method that gets every response on its way out,
// and wants to know when it is over.
//
//   class AuditMiddleware(MiddlewareMixin):
//       def process_response(self, request, response):
//           response._resource_closers.append(lambda: audit(request.path, response.status_code))
//           return response
//
// The difference: nothing private is touched, and the audit knows whether the client got to the end of the body.
import { type Outcome, ResponseThen } from "response-then";
import type { Middleware } from "response-then/middleware";

/** Has every response audited when it has ended. */
export function audited(audit: (path: string, outcome: Outcome) => unknown): Middleware {
  return (next) =>
    async (request, ...rest) => {
      const { pathname } = new URL(request.url);
      return ResponseThen.from(await next(request, ...rest), (outcome) => audit(pathname, outcome));
    };
}
