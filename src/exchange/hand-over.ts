// Hands a response over to the runtime: decides what is sent for it, and who reports its end.
import { byteLengthOf, kindOf } from "../body/content.ts";
import { type Stamped, stamp, stampOf } from "../body/stamp.ts";
import { WatchedBody } from "../body/watched-body.ts";
import { guardStream, openStream } from "../body/watched-stream.ts";
import { READ_ON } from "../expected.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import { abandoned, HANDED_OVER, toReason } from "../lifecycle/outcome.ts";
import { onBun, onDeno, Stream } from "../runtime.ts";
import { endByHost, type HostSignals } from "./host-signals.ts";
import { keepHeaders, type Look, lookAt } from "./look.ts";

/** Finds what is stamped on one of ours, on its clone, or on the body that a middleware made a response of. */
export function find(response: Response): Stamped | undefined {
  const own = stampOf(response);
  // Look only if somebody has taken the body of one of ours: looking takes time.
  return own || Lifecycle.asked === 0 ? own : stampOf(lookAt(response).stream);
}

/** Sends one of ours. Returns the same object, unless its body is dropped, sent as fixed bytes, or carried. */
export function sendOwn(response: Response, { lifecycle, body }: Stamped, host: HostSignals): Response {
  const { content } = lifecycle.facts;
  // Bun moves headers that nobody has read into what it sends, and the outcome would have none.
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
  // Once reading has begun, only the stream has the rest.
  const bytes = body.untouched && ArrayBuffer.isView(source) ? source : undefined;
  if (gone !== undefined) return withoutBody(response);
  // For a HEAD the runtime sends no body, but it does send the length of a fixed one.
  if (bytes && (unread || bytes.byteLength <= (host.fixedLimit ?? -1))) {
    body.detach();
    if (!unread) handed(lifecycle, bytes.byteLength, bytes);
    const sent = new Response(bytes, response);
    // Under a framework, a read of `sent` shows that it was sent.
    endByHost(host, lifecycle, host.handed ? sent : response, undefined);
    return sent;
  }
  endByHost(host, lifecycle, response, unread ? undefined : body);
  if (!unread) return carry(response, lifecycle, body, host);
  body.release(new Error("Nobody reads the body of this response"), HANDED_OVER)?.catch(() => {});
  return withoutBody(response);
}

/**
 * Sends a plain response or a clone unchanged. Watched is only what a clone captures, and a stream whose end the host
 * does not report.
 */
export function sendPlain(response: Response, lifecycle: Lifecycle, host: HostSignals): Response {
  const gone = host.gone?.();
  if (onBun && (gone !== undefined || host.method === "HEAD")) keepHeaders(response);
  if (gone !== undefined) {
    lifecycle.end({ type: "canceled", observed: "handed-over", reason: toReason(gone), released: false }, response);
    return response;
  }
  const { captures } = lifecycle.facts;
  if (host.flushed && !captures) {
    endByHost(host, lifecycle, response, undefined, true);
    return response;
  }
  const look = host.method === "HEAD" ? undefined : lookAt(response);
  const stream = look && captures ? response.body : look?.stream;
  const bytes = look && !captures ? knownLength(response, look, host) : undefined;
  // Deno does not send such a response, and never reports that it is done with the request.
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
    endByHost(host, lifecycle, response, undefined, true);
    return response;
  }
  const body = new WatchedBody(stream, kindOf(stream), lifecycle, lifecycle.consumeLimits);
  lifecycle.facts.setHead({ status: response.status, statusText: response.statusText, headers: response.headers });
  const watched = openStream(body);
  guardStream(watched, body, lifecycle);
  const sent = new Response(watched, response);
  if (onBun) void sent.headers;
  body.sentBy(sent, host.gone && (() => host.gone?.()));
  endByHost(host, lifecycle, sent, body);
  return carry(sent, lifecycle, body, host);
}

/**
 * The length of a body that should go out untouched, or `undefined`. If it were watched, it would be sent without its
 * length, unless the host carries it.
 */
function knownLength(response: Response, { stream, bytes = -1 }: Look, { carry, fixedLimit = -1 }: HostSignals) {
  // Any fetched body may be cut short. (`url` is read only with `carry`, because it slows @hono/node-server.)
  const watch = stream && (bytes < 0 || (carry && (bytes > fixedLimit || response.url !== "")));
  return watch || bytes < 0 ? undefined : bytes;
}

function mayBeWatched(response: Response, stream: ReadableStream): boolean {
  // No other response can be made of Response.error(), of an opaque response, or of a WebSocket.
  if (response.status < 200 || response.bodyUsed || stream.locked) return false;
  // Deno and workerd send a body from fetch() as it came, still encoded, but only with the response of fetch() itself.
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

/** Ends a response that nobody has begun to read after `ms`. Its body is left to whoever may still read it. */
export function abandonUnread(lifecycle: Lifecycle, ms: number): void {
  const timer = setTimeout(() => {
    const reason = abandoned(`Nobody began to read the response within ${ms} ms${READ_ON}`);
    if (!lifecycle.begun) lifecycle.end({ type: "canceled", observed: "handed-over", reason, released: false });
  }, ms);
  lifecycle.dispatched.then(() => clearTimeout(timer));
}

/** Counts a fixed body as handed over in one piece, or in none if it is empty. */
function handed(lifecycle: Lifecycle, bytes: number, content?: unknown): void {
  if (bytes > 0) lifecycle.facts.handed(bytes, content);
}

/** The same head without the body: if the server read a body that was released, it would report an error. */
function withoutBody(head: Response): Response {
  // For a body of null Bun and Deno would send `content-length: 0`, which they do not send for a stream.
  const none = !(onBun || onDeno) || head.headers.has("content-length");
  const empty = { pull: (controller: ReadableStreamDefaultController) => controller.close() };
  return new Response(none ? null : new Stream(empty, { highWaterMark: 0 }), head);
}
