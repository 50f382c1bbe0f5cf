// The stream of a watched body: pull-based, and never ahead of its reader.
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { Stream } from "../runtime.ts";
import { forms } from "./content.ts";
import { stampStream } from "./stamp.ts";
import type { WatchedBody } from "./watched-body.ts";

/** Nothing is read before it is asked for. */
const STRATEGY: QueuingStrategy = Object.assign(Object.create(null), { highWaterMark: 0, size: undefined });

let open = (body: WatchedBody): ReadableStream => new Stream(body as object as UnderlyingDefaultSource, STRATEGY);

/** From now on the stream of every body is one that an adapter makes: where a JavaScript stream is not told the end. */
export function openAll(other: (body: WatchedBody) => ReadableStream): void {
  open = other;
}

/** Makes the stream of a watched body. */
export function openStream(body: WatchedBody): ReadableStream {
  const stream = open(body);
  stampStream(stream, body);
  return stream;
}

/** From now on a collection of the stream ends the response. */
export function guardStream(stream: ReadableStream, { source }: WatchedBody, lifecycle: Lifecycle): void {
  const fixed = ArrayBuffer.isView(source) || forms.has(source as object);
  lifecycle.guard(stream, fixed ? { cancel: async () => {} } : (source as ReadableStream));
}
