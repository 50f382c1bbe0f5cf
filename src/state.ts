import type { Ending } from "./ending.ts";
import type { WatchedBody } from "./watched-body.ts";

/** What the library knows of one response. */
export interface State {
  readonly ending: Ending;
  /** Absent where the response has no body. */
  readonly body: WatchedBody | undefined;
  /** Whether a platform waits for the callbacks. */
  leased: boolean;
}

const states = new WeakMap<object, State>();

/** Remembers the state by the response and by its body: a middleware that re-wraps the body loses the class. */
export function rememberState(response: Response, state: State): void {
  states.set(response, state).set(response.body ?? response, state);
}

/** Finds the state of a response, also after `new Response(response.body, response)`. */
export function stateOf(response: Response): State | undefined {
  return states.get(response) ?? states.get(response.body ?? response);
}
