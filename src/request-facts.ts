import type { RequestFacts } from "./outcome.ts";
import { listening } from "./response-finished.ts";

/**
 * What was asked, where somebody listens to all responses: on most servers to look at a request's `url` costs, and after
 * the response Bun and Deno have taken it away.
 */
export function requestFacts(request: Request): RequestFacts | undefined {
  return listening() ? { method: request.method, url: request.url } : undefined;
}
