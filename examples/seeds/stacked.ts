// Two of them, one in the other; the one that is written first is outermost and sees what the others made:
//
//   application = timed_iteration(with_header(application, "X-Served-By", "green"))
//
// The difference: `compose` reads in the order in which a request passes, and gives one handler.
import type { FetchHandler } from "response-then/middleware";
import { compose } from "response-then/middleware";
import { withHeader } from "./custom-header.ts";
import { timedIteration } from "./timing.ts";

/** A handler whose responses have the header, and are timed to their end. */
export function stacked(handler: FetchHandler, log: (what: string, milliseconds: number) => unknown): FetchHandler {
  return compose(handler, timedIteration(log), withHeader("x-served-by", "green"));
}
