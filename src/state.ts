import type { BodyOwner } from "./body-stream.ts";
import type { Ending } from "./ending.ts";
import type { WatchedBody } from "./watched-body.ts";

/** What the library knows of one response. */
export interface State {
  readonly ending: Ending;
  readonly owner: BodyOwner;
  /** Absent where the response has no body; so is its stream. */
  readonly body: WatchedBody | undefined;
  readonly stream: ReadableStream | undefined;
  /** Whether the body became the body of another response of ours, which releases it. */
  adopted?: boolean;
  /** Whether a platform waits for the callbacks. */
  leased: boolean;
}

const states = new WeakMap<object, State>();

/** Remembers the state by the response and by its body: a middleware that re-wraps the body loses the class. */
export function rememberState(response: Response, state: State): void {
  states.set(response, state).set(state.stream ?? response, state);
}

/** Finds the state of a response of ours. */
export function stateOf(response: Response): State | undefined {
  return states.get(response);
}

/** Finds the state of a response by its body, as after `new Response(response.body, response)`. */
export function stateOfBody(body: object | null): State | undefined {
  return body === null ? undefined : states.get(body);
}
