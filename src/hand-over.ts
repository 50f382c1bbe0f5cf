import { toCarried } from "./carried-body.ts";
import { abandonUnread, closeScope, drop, endErrored } from "./close-scope.ts";
import { answerFor, stateOf, stateOfBody, withContent } from "./late-body.ts";
import { toReason } from "./outcome.ts";
import { endByPlatform, endUnread, lease, type Platform } from "./platform.ts";
import { onBun, onDeno } from "./runtime.ts";
import { joinScope, leaveScope, type Scope } from "./scope.ts";
import { rememberState, type State } from "./state.ts";

/**
 * The door for adapters: the request is answered, the runtime gets `response` now. Returns what to send instead.
 *
 * A response that no reader will ever end, because it has no body, the request was a `HEAD`, or its fixed body is sent
 * as it is, ends when the platform says so, or else here, with `observed: "handed-over"`; a body that nobody will read is
 * canceled. Other responses of the scope were dropped on the way out, and end too. A response that is not ours comes
 * back untouched.
 *
 * @param error What the handler threw, where a framework answers in its place.
 */
export function handOver(response: Response, platform: Platform, scope: Scope, error?: unknown): Response {
  const sent = answer(response, platform, scope, error);
  // Not when that has thrown: the adapter tells all that was built of it.
  leaveScope(scope);
  return sent;
}

function answer(response: Response, platform: Platform, scope: Scope, error: unknown): Response {
  const look = scope.built?.some(mayLook) || !(scope.whole || onBun || onDeno);
  const state = stateOf(response) ?? (look ? stateOfBody(response.body) : undefined);
  const empty = state ? state.fixed === undefined && response.body === null : look && response.body === null;
  const unread = empty || platform.method === "HEAD";
  closeScope(scope, state, platform, (dropped, canceled) => {
    if (error === undefined) drop(dropped, unread ? response : undefined, platform, canceled);
    else endErrored(dropped, error);
  });
  if (state === undefined) return response;
  // For a wrapped handler around this one.
  const nested = joinScope(state);
  lease(state, platform);
  state.ending.request ??= scope.request;
  // A middleware may have re-wrapped the body: the outcome tells of the response that really goes out.
  state.owner.response = response;
  // By a wrapped handler inside of this one, such as a Hono app, which cannot carry bodies.
  if (state.handedOver) return state.body?.over === false ? carry(response, state, platform) : response;
  const sent = send(response, state, platform, scope, unread);
  state.handedOver = true;
  if (nested && sent !== response) rememberState(sent, state);
  return sent;
}

/** Of a body of null Bun and Deno would tell that its length is 0, and not that it is that of a stream. */
function bodyOfHead(response: Response): ReadableStream | null {
  if (!(onBun || onDeno) || response.headers.has("content-length")) return null;
  return new ReadableStream({ pull: (controller) => controller.close() }, { highWaterMark: 0 });
}

/** On Bun and Deno a plain response is no longer itself once its body was touched: only if it may be one of ours. */
function mayLook({ asked }: State): boolean | undefined {
  return asked || !(onBun || onDeno);
}

function send(response: Response, state: State, platform: Platform, scope: Scope, unread: boolean): Response {
  const { ending, body, fixed } = state;
  // To a HEAD the runtime sends no body, but tells the length of a fixed one.
  const limit = scope.unwatched ? (unread ? Number.POSITIVE_INFINITY : scope.unwatched.limit) : -1;
  // Once it was read, only its stream has the rest of it.
  const used = body?.begun || response.bodyUsed || state.stream?.locked;
  const bytes = body?.source instanceof Uint8Array ? body.source : undefined;
  const whole = used ? undefined : (fixed ?? (bytes && bytes.byteLength <= limit ? bytes : undefined));
  const gone = platform.gone?.();
  if (gone !== undefined) {
    const reason = toReason(gone);
    if (body) body.cancel(reason, response, "handed-over")?.catch(() => {});
    else ending.end({ type: "canceled", observed: "handed-over", reason }, response);
  } else if (whole === undefined && !unread) {
    endByPlatform(state, platform);
    return carry(response, state, platform);
  } else if (unread) endUnread(state, platform);
  else {
    ending.handedWhole(whole);
    endByPlatform(state, platform, true);
    body?.detach();
  }
  state.fixed = undefined;
  // Of a body that is released nobody may read the rest: the server would report that as an error.
  if (whole === undefined) return body ? new Response(bodyOfHead(response), response) : response;
  return answerFor(response, whole) ?? (fixed !== undefined && !body ? response : withContent(whole, response));
}

function carry(response: Response, state: State, platform: Platform): Response {
  const { body, stream } = state;
  if (!body || !stream || response.body !== stream || stream.locked) return response;
  const carried = platform.carry?.(toCarried(body, state.owner));
  if (platform.readWithin !== undefined) abandonUnread(state, platform.readWithin);
  return carried === undefined ? response : new Response(carried, response);
}
