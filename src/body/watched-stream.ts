// Makes the stream of a watched body, which is pull-based and never reads ahead of its reader, and guards it: a stream
// that is garbage-collected ends its response.
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import { Stream } from "../runtime.ts";
import { forms } from "./content.ts";
import { stampStream } from "./stamp.ts";
import type { WatchedBody } from "./watched-body.ts";

/** The high water mark is 0, so nothing is read before the reader asks for it. */
const STRATEGY: QueuingStrategy = Object.assign(Object.create(null), { highWaterMark: 0, size: undefined });

let open = (body: WatchedBody): ReadableStream => new Stream(body as object as UnderlyingDefaultSource, STRATEGY);

/**
 * From now on `other` makes the stream of every body, for a runtime that does not cancel a JavaScript stream when the
 * client leaves.
 */
export function openAll(other: (body: WatchedBody) => ReadableStream): void {
  open = other;
}

/** Makes the stream of a watched body. */
export function openStream(body: WatchedBody): ReadableStream {
  const stream = open(body);
  stampStream(stream, body);
  return stream;
}

/** From now on the response ends when its stream is garbage-collected. */
export function guardStream(stream: ReadableStream, { source }: WatchedBody, lifecycle: Lifecycle): void {
  const fixed = ArrayBuffer.isView(source) || forms.has(source as object);
  lifecycle.guard(stream, fixed ? { cancel: async () => {} } : (source as ReadableStream));
}
