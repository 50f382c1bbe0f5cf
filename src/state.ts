import type { Ending } from "./ending.ts";
import type { BodyOwner, WatchedBody } from "./watched-body.ts";

/** What the library knows of one response. `body` is absent where the response has none. */
export interface State {
  readonly ending: Ending;
  readonly owner: BodyOwner;
  readonly body: WatchedBody | undefined;
}

const states = new WeakMap<object, State>();

/** Remembers the state by the response and by its body: a middleware that re-wraps the body loses the class. */
export function rememberState(response: Response, state: State): void {
  states.set(response, state);
  if (response.body !== null) states.set(response.body, state);
}

/** Finds the state of a response, also after `new Response(response.body, response)`. */
export function stateOf(response: Response): State | undefined {
  return states.get(response) ?? (response.body === null ? undefined : states.get(response.body));
}
