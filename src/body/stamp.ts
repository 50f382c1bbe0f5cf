// Finds the lifecycle of a response, from the response or from its body stream: a private field is stamped on both. A
// `WeakMap` would make V8's scavenger keep dead responses (2 kB of each on Node).
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WatchedBody } from "./watched-body.ts";

/** What is stamped on a response, and on the stream of its body. */
export interface Stamped {
  readonly lifecycle: Lifecycle;
  /** The watched body, if the response has one. */
  readonly body: WatchedBody | undefined;
  /** Whether the object belongs to a copy, such as a clone, which has a body of its own. */
  readonly copy: boolean;
}

class Returning {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: the subclass adds its private fields to the returned object
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

/** Stamps a response or a stream. A second stamp replaces the first. */
export function stamp(object: object, lifecycle: Lifecycle, body?: WatchedBody, copy = false): void {
  Stamp.put(object, { lifecycle, body, copy });
}

/**
 * Stamps the stream of a watched body. The stamp is the body, which drops its lifecycle at its end. If a dead stream
 * led to the lifecycle, V8's scavenger would not free 2 kB of each response on Node (decisions/008).
 */
export function stampStream(stream: ReadableStream, body: WatchedBody): void {
  Stamp.put(stream, body);
}

/**
 * Stamps a response whose body was made from `body`. If it is sent, it counts as the response that `body` belonged to.
 */
export function stampAsCopy(response: Response, body: ReadableStream): void {
  const lifecycle = lifecycleOf(body);
  if (!lifecycle) return;
  stamp(response, lifecycle, undefined, true);
  stamp(response.body as ReadableStream, lifecycle, undefined, true);
}

/** What is stamped on an object. */
export function stampOf(object: object | null | undefined): Stamped | undefined {
  return Stamp.read(object);
}

/** The lifecycle that is stamped on an object. */
export function lifecycleOf(object: object | null | undefined): Lifecycle | undefined {
  return Stamp.read(object)?.lifecycle;
}
