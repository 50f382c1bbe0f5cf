import { type BodyOwner, openStream } from "./body-stream.ts";
import type { Observed } from "./outcome.ts";
import type { Next, WatchedBody } from "./watched-body.ts";

export { type BodyOwner, watchForAbandonment } from "./body-stream.ts";

/** A body as an adapter carries it: it reads piece by piece to the end, and then calls one of the other two. */
export interface CarriedBody {
  /** The whole content, where it is fixed. */
  readonly fixed: Uint8Array<ArrayBuffer> | undefined;
  /** The stream that it is read from, where it is not; to be read by `next()` alone. */
  readonly source: ReadableStream | undefined;
  /** Whether nobody has begun to read it, nor released it. */
  readonly untouched: boolean;
  /** The next piece, its end, or `undefined` after a cancel. Rejects with the source's error. */
  next(): Promise<Next>;
  /** The runtime has all of it. */
  complete(observed?: Observed): void;
  /** The client left. */
  cancel(reason: unknown): void;
}

/** The body for an adapter; `owner` knows the response that goes out. */
export function toCarried(body: WatchedBody, owner: BodyOwner): CarriedBody {
  const { source } = body;
  return {
    ...(source instanceof Uint8Array ? { fixed: source, source: undefined } : { fixed: undefined, source }),
    get untouched() {
      return !(body.begun || body.over);
    },
    async next() {
      const next = await body.next(owner.response);
      if (next && !next.done) body.handed(next.value);
      return next;
    },
    complete: (observed) => body.complete(owner.response, observed),
    cancel: (reason) => void body.cancel(reason, owner.response)?.catch(() => {}),
  };
}

let carrier: ((body: CarriedBody) => ReadableStream) | undefined;

/** From now on the stream of every body is one that the adapter makes: where a JavaScript stream is not told the end. */
export function carryAll(other: (body: CarriedBody) => ReadableStream): void {
  carrier = other;
}

/** The stream of a watched body; see `openStream`. */
export function openBody(body: WatchedBody, owner: BodyOwner, type: "bytes" | undefined): ReadableStream {
  return carrier ? carrier(toCarried(body, owner)) : openStream(body, owner, type);
}
