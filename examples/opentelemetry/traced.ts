// A server span per request that ends when its response has ended, and not when the handler returns.
import { context, propagation, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { type Outcome, ResponseThen } from "response-then";
import type { Middleware } from "response-then/middleware";

/** Middleware: what the handler, its callbacks and its bodies do belongs to the span, in any of their awaits. */
export function traced(tracer: Tracer): Middleware {
  return (next) =>
    async (request, ...rest) => {
      const { pathname, protocol } = new URL(request.url);
      const attributes = {
        "http.request.method": request.method,
        "url.path": pathname,
        "url.scheme": protocol.slice(0, -1),
      };
      const parent = parentOf(request);
      const span = tracer.startSpan(request.method, { kind: SpanKind.SERVER, attributes }, parent);
      return context.with(trace.setSpan(parent, span), async () => {
        try {
          const response = await next(request, ...rest);
          const end = (outcome: Outcome) => endSpan(span, outcome);
          return response instanceof ResponseThen ? response.onFinished(end) : ResponseThen.from(response, end);
        } catch (error) {
          markFailed(span, error);
          span.end();
          throw error;
        }
      });
    };
}

function endSpan(span: Span, outcome: Outcome): void {
  const { status } = outcome.response;
  span.setAttributes({ "http.response.status_code": status, "http.response.body.size": outcome.bytes });
  if (outcome.type === "errored") markFailed(span, outcome.error);
  // The conventions count a response that did not go out whole as an error, also where it was the client who left.
  else if (outcome.type === "canceled") markError(span, "canceled");
  else if (status >= 500) markError(span, String(status));
  // The end itself: callbacks run a moment later.
  span.end(outcome.startTime + outcome.duration);
}

function markFailed(span: Span, error: unknown): void {
  span.recordException(error instanceof Error ? error : String(error));
  markError(span, error instanceof Error ? error.name : "_OTHER");
}

function markError(span: Span, type: string): void {
  span.setAttribute("error.type", type).setStatus({ code: SpanStatusCode.ERROR });
}

/** The span that is active already, as with an instrumentation of the server; else what the client says (traceparent). */
function parentOf({ headers }: Request) {
  const active = context.active();
  if (trace.getSpan(active)) return active;
  return propagation.extract(active, headers, {
    get: (carrier, key) => carrier.get(key) ?? undefined,
    keys: (carrier) => [...carrier.keys()],
  });
}
