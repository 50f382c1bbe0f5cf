// Clones a response. The clone carries the lifecycle of the original: if the clone is sent, it counts as the response.
import { type BodySource, kindOf, teeSource } from "./body/content.ts";
import { stamp, stampOf } from "./body/stamp.ts";
import { WatchedBody } from "./body/watched-body.ts";
import { openStream } from "./body/watched-stream.ts";
import { onDeno } from "./runtime.ts";

/**
 * Clones one of ours, or a clone of one.
 *
 * @param plain The prototype of the platform's own responses.
 */
export function cloneOf(response: Response, plain: Response): Response {
  const { lifecycle, body: watched, copy: again } = stampOf(response) ?? {};
  // Without a body there is nothing to share. For a body in use the platform throws its own error.
  const tee = !again && watched?.untouched && !response.bodyUsed && !Reflect.get(plain, "body", response)?.locked;
  let source: BodySource | undefined;
  if (tee)
    watched?.pass((whole, kind) => {
      const [kept, copied] = teeSource(whole);
      source = copied;
      return [kept, kind];
    });
  const copy = keepOrigin(source ? new Response(source, response) : plain.clone.call(response), response);
  if (!lifecycle) return copy;
  lifecycle.ask();
  stamp(copy, lifecycle, watched, true);
  const own = Object.getPrototypeOf(copy);
  // Stamped, so that a response made of this body is found. Only on demand: a touched body is sent differently.
  let passed: ReadableStream | undefined;
  const body = () => {
    const stream = passed ?? (Reflect.get(own, "body", copy) as ReadableStream | null);
    // Deno passes on the bytes of a fixed body, without the stamp, when another response is made of it.
    if (stream && onDeno && lifecycle.facts.content !== undefined) {
      const through = new WatchedBody(stream, kindOf(stream), lifecycle);
      through.mute();
      passed ??= openStream(through);
    }
    if (stream) stamp(passed ?? stream, lifecycle, watched, true);
    return passed ?? stream;
  };
  const value = () => cloneOf(copy, own);
  return Object.defineProperties(copy, {
    body: { get: body, configurable: true },
    clone: { value, configurable: true, writable: true },
  });
}

/** Gives a response the `url`, `redirected` and `type` of the one that it is made of. A `ResponseInit` lacks them. */
export function keepOrigin<T extends Response>(response: T, origin: Response): T {
  for (const name of ["url", "redirected", "type"] as const) {
    const value = origin[name];
    if (response[name] !== value) Object.defineProperty(response, name, { value, configurable: true });
  }
  return response;
}
