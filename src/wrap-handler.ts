import type { Callbacks } from "./callbacks.ts";
import { expected, tagOf } from "./expected.ts";
import { handlerThrew, handOver, type Platform } from "./hand-over.ts";
import { runInScope, type Scope } from "./scope.ts";
import { SharedCallbacks } from "./shared-callbacks.ts";
import { stateOf } from "./state.ts";
import { toWaitUntil } from "./wait-until.ts";

/** A function that answers requests; platforms give it further arguments (`env`, `ctx`, `info`). */
export type FetchHandler<Rest extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * The pattern that adapters share: answers as `handler` does, and hands every response over.
 *
 * @param platformOf What the adapter knows of one request.
 * @param callback Runs after every response of the handler, also when the handler throws.
 */
export function wrapHandler<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  platformOf: (request: Request, ...rest: Rest) => Platform,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Promise<Response> {
  const shared = callback === undefined ? undefined : new SharedCallbacks(callback);
  return async (request, ...rest) => {
    const platform = platformOf(request, ...rest);
    const scope: Scope = { built: [], closed: false };
    let told = false;
    try {
      const answering = runInScope(scope, async () => handler(request, ...rest));
      // A platform may stop the handler when the client leaves, and the callback would never run.
      if (shared && platform.waitUntil) toWaitUntil(platform.waitUntil)(answering.catch(() => {}));
      const answer = await answering;
      if (tagOf(answer) !== "Response") throw expected("the handler's answer", "a Response", answer);
      const sent = shared?.addTo(answer, platform.waitUntil) ?? answer;
      told = true;
      // Of this request too, wherever it was built: if the hand-over fails, it ends with the rest.
      const state = shared && stateOf(sent);
      if (state) scope.built.push(state);
      return handOver(sent, platform, scope);
    } catch (error) {
      handlerThrew(error, scope);
      if (!told) shared?.runWithout(error, platform.waitUntil);
      throw error;
    }
  };
}
