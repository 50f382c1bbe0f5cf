import type { BodyOwner } from "./body-stream.ts";
import type { Ending } from "./ending.ts";
import type { FixedContent } from "./fixed-content.ts";
import type { WatchedBody } from "./watched-body.ts";

/** What the library knows of one response. */
export interface State {
  readonly ending: Ending;
  readonly owner: BodyOwner;
  /** Absent where the response has no body, and where nobody asked for that of a fixed one; so is its stream. */
  body: WatchedBody | undefined;
  stream: ReadableStream | undefined;
  /** Whether somebody took the stream of the body, and may have made another response of it. */
  asked?: boolean;
  /** The content of a body that need not be watched, until it is handed over. */
  fixed: FixedContent | undefined;
  /** Whether the body became the body of another response of ours, which releases it. */
  adopted?: boolean;
  /** Whether the runtime has it: from now on the body or the platform tells its end. */
  handedOver?: boolean;
  /** Whether a platform waits for the callbacks. */
  leased: boolean;
}

const states = new WeakMap<object, State>();

/** Remembers the state by a body, for a middleware that re-wraps the body loses the class; or by what is sent instead. */
export function rememberState(key: object, state: State): void {
  states.set(key, state);
}

/** Finds the state by a body, as after `new Response(response.body, response)`, or by what is sent instead. */
export function stateBy(key: object | null): State | undefined {
  return key === null ? undefined : states.get(key);
}
