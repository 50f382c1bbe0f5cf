import type { Callbacks } from "./callbacks.ts";
import { handlerThrew } from "./close-scope.ts";
import { expected, tagOf } from "./expected.ts";
import { handOver } from "./hand-over.ts";
import { stateOf } from "./late-body.ts";
import type { Platform } from "./platform.ts";
import { openScope, runInScope } from "./scope.ts";
import { SharedCallbacks } from "./shared-callbacks.ts";
import { toWaitUntil } from "./wait-until.ts";

/** A function that answers requests; platforms give it further arguments (`env`, `ctx`, `info`). */
export type FetchHandler<Rest extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * The pattern that adapters share: answers as `handler` does, at once where that does, and hands every response over.
 *
 * @param platformOf What the adapter knows of one request.
 * @param callback Runs after every response of the handler, also when the handler throws.
 */
export function wrapHandler<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  platformOf: (request: Request, ...rest: Rest) => Platform,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  const shared = callback === undefined ? undefined : new SharedCallbacks(callback);
  return (request, ...rest) => {
    const platform = platformOf(request, ...rest);
    const scope = openScope(platform.unwatched);
    let told = false;
    const answer = (answered: Response) => {
      if (tagOf(answered) !== "Response") throw expected("the handler's answer", "a Response", answered);
      const sent = shared?.addTo(answered, platform.waitUntil) ?? answered;
      told = true;
      // Of this request too, wherever it was built: if the hand-over fails, it ends with the rest.
      const state = shared && stateOf(sent);
      if (state) scope.built.push(state);
      return handOver(sent, platform, scope);
    };
    const fail = (error: unknown): never => {
      handlerThrew(error, scope);
      if (!told) shared?.runWithout(error, platform.waitUntil);
      throw error;
    };
    try {
      const answering = runInScope(scope, () => handler(request, ...rest));
      if (typeof (answering as Promise<Response> | undefined)?.then !== "function")
        return answer(answering as Response);
      const promised = Promise.resolve(answering);
      // A platform may stop the handler when the client leaves, and the callback would never run.
      if (shared && platform.waitUntil) toWaitUntil(platform.waitUntil)(promised.catch(() => {}));
      return promised.then(answer).catch(fail);
    } catch (error) {
      return fail(error);
    }
  };
}
