// Handing a response over: what is sent for it, and who tells its end.
import { byteLengthOf, kindOf } from "../body/content.ts";
import { type Stamped, stamp, stampOf } from "../body/stamp.ts";
import { WatchedBody } from "../body/watched-body.ts";
import { guardStream, openStream } from "../body/watched-stream.ts";
import { READ_ON } from "../expected.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { ConsumeLimits } from "../lifecycle/options.ts";
import { abandoned, HANDED_OVER, toReason } from "../lifecycle/outcome.ts";
import { onBun, onDeno } from "../runtime.ts";
import { endByHost, type HostSignals } from "./host-signals.ts";
import { keepHeaders, type Look, lookAt } from "./look.ts";

/** What is known of a response: of one of ours, of a clone of it, and of what a middleware made of its body. */
export function find(response: Response): Stamped | undefined {
  const own = stampOf(response);
  // Only where the body of one of ours is in somebody's hands: to look costs.
  return own || Lifecycle.asked === 0 ? own : stampOf(lookAt(response).stream);
}

/** Sends a response of ours; the very same object, unless its body has to be given up or carried. */
export function sendOwn(response: Response, { lifecycle, body }: Stamped, host: HostSignals): Response {
  const { content } = lifecycle.facts;
  // Bun takes headers that nobody has looked at away with what it sends, and the outcome would have none.
  if (onBun) void response.headers;
  const gone = host.gone?.();
  const unread = host.method === "HEAD" || (!body && content === undefined);
  body?.sentBy(response, host.gone && (() => host.gone?.()));
  if (gone !== undefined) {
    if (body) body.leave(gone, "handed-over")?.catch(() => {});
    else lifecycle.end({ type: "canceled", observed: "handed-over", reason: toReason(gone) }, response);
  } else if (!body) {
    if (!unread) handed(lifecycle, byteLengthOf(content));
    endByHost(host, lifecycle, response, undefined);
  }
  if (!body) return response;
  const { source } = body;
  // Once it was read, only its stream has the rest of it.
  const bytes = body.untouched && ArrayBuffer.isView(source) ? source : undefined;
  if (gone !== undefined) return withoutBody(response);
  // To a HEAD the runtime sends no body, but tells the length of a fixed one.
  if (bytes && (unread || bytes.byteLength <= (host.fixedLimit ?? -1))) {
    body.detach();
    if (!unread) handed(lifecycle, bytes.byteLength);
    const sent = new Response(bytes, response);
    endByHost(host, lifecycle, sent, undefined);
    return sent;
  }
  endByHost(host, lifecycle, response, unread ? undefined : body);
  if (!unread) return carry(response, lifecycle, body, host);
  body.release(new Error("Nobody reads the body of this response"), HANDED_OVER)?.catch(() => {});
  return withoutBody(response);
}

/** Sends a response that is not ours, as without us; only a stream whose end no host tells is watched. */
export function sendPlain(
  response: Response,
  lifecycle: Lifecycle,
  host: HostSignals,
  limits: ConsumeLimits | undefined,
): Response {
  const gone = host.gone?.();
  if (onBun && (gone !== undefined || host.method === "HEAD")) keepHeaders(response);
  if (gone !== undefined) {
    lifecycle.end({ type: "canceled", observed: "handed-over", reason: toReason(gone) }, response);
    return response;
  }
  if (host.flushed) {
    endByHost(host, lifecycle, response, undefined, true);
    return response;
  }
  const look = host.method === "HEAD" ? undefined : lookAt(response);
  const { stream } = look ?? {};
  const bytes = look && knownLength(response, look, host);
  // Deno does not send it, and is never done with such a request.
  if (onDeno && (response.bodyUsed || stream?.locked)) {
    lifecycle.end({
      type: "errored",
      observed: "handed-over",
      error: new TypeError(`The body was read or sent before${READ_ON}`),
    });
    return response;
  }
  if (!stream || bytes !== undefined || !mayBeWatched(response, stream)) {
    if (bytes) handed(lifecycle, bytes);
    endByHost(host, lifecycle, response, undefined);
    return response;
  }
  const body = new WatchedBody(stream, kindOf(stream), lifecycle, limits);
  lifecycle.facts.setHead({ status: response.status, statusText: response.statusText, headers: response.headers });
  const watched = openStream(body);
  guardStream(watched, body, lifecycle);
  const sent = new Response(watched, response);
  if (onBun) void sent.headers;
  body.sentBy(sent, host.gone && (() => host.gone?.()));
  endByHost(host, lifecycle, sent, body);
  return carry(sent, lifecycle, body, host);
}

/** The length of a body that goes out untouched: watched, it would be sent without one, unless the host carries it. */
function knownLength(response: Response, { stream, bytes = -1 }: Look, { carry, fixedLimit = -1 }: HostSignals) {
  // What was fetched may be cut, whatever its length. (The class of @hono/node-server is not to be asked for its url.)
  const watch = stream && (bytes < 0 || (carry && (bytes > fixedLimit || response.url !== "")));
  return watch || bytes < 0 ? undefined : bytes;
}

function mayBeWatched(response: Response, stream: ReadableStream): boolean {
  // Response.error(), what a service worker got opaque, and a WebSocket: no other response can be made of them.
  if (response.status < 200 || response.bodyUsed || stream.locked) return false;
  // Deno and workerd send what fetch() has decoded as it came, and only with their own response.
  return response.url === "" || !response.headers.has("content-encoding");
}

function carry(response: Response, lifecycle: Lifecycle, body: WatchedBody, host: HostSignals): Response {
  const carried = body.untouched ? host.carry?.(body) : undefined;
  if (host.readWithin !== undefined) abandonUnread(lifecycle, host.readWithin);
  if (carried === undefined) return response;
  const sent = new Response(carried, response);
  stamp(sent, lifecycle, body);
  return sent;
}

/** Tells of a response that nobody has begun to read after `ms`; its body is left to whoever may still read it. */
export function abandonUnread(lifecycle: Lifecycle, ms: number): void {
  const timer = setTimeout(() => {
    const reason = abandoned(`Nobody began to read the response within ${ms} ms${READ_ON}`);
    if (!lifecycle.begun) lifecycle.end({ type: "canceled", observed: "handed-over", reason, released: false });
  }, ms);
  lifecycle.dispatched.then(() => clearTimeout(timer));
}

/** In one piece, if it is any. */
function handed(lifecycle: Lifecycle, bytes: number): void {
  if (bytes > 0) lifecycle.facts.handed(bytes);
}

/** Of a body that is released nobody may read the rest: the server would report that as an error. */
function withoutBody(head: Response): Response {
  // Of a body of null Bun and Deno would tell that its length is 0, and not that it is that of a stream.
  const none = !(onBun || onDeno) || head.headers.has("content-length");
  const empty = { pull: (controller: ReadableStreamDefaultController) => controller.close() };
  return new Response(none ? null : new ReadableStream(empty, { highWaterMark: 0 }), head);
}
