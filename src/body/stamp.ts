// Finds what is known of a response, from the response and from the stream of its body: by a private field that is
// stamped on them. A WeakMap keeps what dies young from the young collector (2 kB of each response on Node).
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WatchedBody } from "./watched-body.ts";

/** What is stamped on a response, and on the stream of its body. */
export interface Stamped {
  readonly lifecycle: Lifecycle;
  /** Its watched body, where it has one. */
  readonly body: WatchedBody | undefined;
  /** Whether this is a clone, whose body is another one. */
  readonly copy: boolean;
}

class Returning {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: so that a subclass puts its private fields on it
    return object;
  }
}

class Stamp extends Returning {
  #stamped: Stamped | WatchedBody;

  constructor(object: object, stamped: Stamped | WatchedBody) {
    super(object);
    this.#stamped = stamped;
  }

  static put(object: object, stamped: Stamped | WatchedBody): void {
    if (#stamped in object) object.#stamped = stamped;
    else new Stamp(object, stamped);
  }

  static read(object: object | null | undefined): Stamped | undefined {
    const stamped = object && #stamped in object ? object.#stamped : undefined;
    return stamped && !("copy" in stamped) ? stamped.stamped : stamped;
  }
}

/** Stamps a response or a stream; again, it replaces what was there. */
export function stamp(object: object, lifecycle: Lifecycle, body?: WatchedBody, copy = false): void {
  Stamp.put(object, { lifecycle, body, copy });
}

/**
 * Stamps the stream of a watched body. After the end of that it must lead nowhere: by what dead streams led to, V8's young
 * collector kept 2 kB of each response on Node.
 */
export function stampStream(stream: ReadableStream, body: WatchedBody): void {
  Stamp.put(stream, body);
}

/** `response` has another body, made of `body`: if it is sent, it is the response that `body` belonged to. */
export function stampAsCopy(response: Response, body: ReadableStream): void {
  const lifecycle = lifecycleOf(body);
  if (!lifecycle) return;
  stamp(response, lifecycle, undefined, true);
  stamp(response.body as ReadableStream, lifecycle, undefined, true);
}

/** What is stamped on it. */
export function stampOf(object: object | null | undefined): Stamped | undefined {
  return Stamp.read(object);
}

/** The lifecycle that is stamped on it. */
export function lifecycleOf(object: object | null | undefined): Lifecycle | undefined {
  return Stamp.read(object)?.lifecycle;
}
