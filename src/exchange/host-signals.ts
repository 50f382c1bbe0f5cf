// What a host can report about the response to one request, and how that ends the response. Each adapter says what its
// runtime reports.
import type { WatchedBody } from "../body/watched-body.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WaitUntil } from "../lifecycle/options.ts";
import { abandoned, type End, HANDED_OVER, toReason } from "../lifecycle/outcome.ts";
import { isRead } from "./look.ts";

/** What an adapter knows of one request. Without the optional members only the body reports its end. */
export interface HostSignals {
  /** The request's method, as the client sent it. */
  readonly method: string;
  /** Keeps the platform alive for responses that were built without a `waitUntil` of their own. */
  readonly waitUntil?: WaitUntil | undefined;
  /** The longest fixed body that goes out as that of a plain response, in bytes. Default: all are watched. */
  readonly fixedLimit?: number;
  /**
   * How long a response that was not sent may still find a reader before it ends, in ms; default 5,000. A handler whose
   * client has left has the same time to answer.
   */
  readonly abandonAfter?: number;
  /**
   * Calls `listener` once when the response has ended: the operating system has its last byte, the connection ended
   * before that, or the body failed. This method is called when the response is handed over.
   *
   * @param count Whether to count the bytes that the server writes.
   */
  flushed?(listener: (end: End) => void, count: boolean): void;
  /** Whether a framework sends the response, and may replace it. If its body was read, it was sent. */
  readonly handed?: boolean;
  /** What a framework, or the server after an error, sent in place of `response`; `undefined` if it sent `response`. */
  sentInstead?(response: Response): Response | undefined;
  /** Calls `listener` once when the runtime is done with the response, however that went. */
  over?(listener: () => void): void;
  /** Calls `listener` when the client leaves before the answer. Some hosts also call it when the response is over. */
  left?(listener: () => void): void;
  /** Why the client has left; `undefined` as long as it is not known to have left. */
  gone?(): unknown;
  /** Carries a body to the runtime by better means than its JavaScript stream; `undefined` keeps that. */
  carry?(body: WatchedBody): ReadableStream | undefined;
  /** How long the runtime may take to begin to read the body, in ms. For platforms that do not wait forever. */
  readonly readWithin?: number;
}

/** How long a body may stay open after the runtime is done with its response, in ms: its own end may come late. */
const LATE = 1_000;

/**
 * Lets the host's signals end a response. If its body is watched, they end only what the body does not.
 *
 * @param body The watched body that is being read; its own end comes first.
 */
export function endByHost(
  host: HostSignals,
  lifecycle: Lifecycle,
  response: Response,
  body: WatchedBody | undefined,
  count = false,
): void {
  if (host.flushed) {
    lifecycle.awaitFlush();
    host.flushed((end) => {
      const other = host.sentInstead?.(response);
      if (other) body?.sentBy(other);
      const sent = other ?? response;
      if (count && end.type === "canceled") {
        const { counted } = end;
        const whole = counted?.open && lifecycle.reached(response.headers, counted.bytes);
        // Nobody knows whether the producer of a plain body has stopped.
        end = whole ? { type: "completed", observed: "pulled", counted } : { ...end, released: false };
      }
      if (end.type === "completed" && (body ? !body.over : other && host.handed && !isRead(response, false))) {
        // Its body is left to whoever may still read it.
        const reason = abandoned("Another response was sent in its place");
        lifecycle.end({ type: "canceled", observed: "flushed", reason, released: false }, sent);
      } else if (!body || end.type === "completed") lifecycle.end(end, sent);
      // An open body has a source to cancel or consume, so the body is canceled. If it failed, it has reported that.
      else if (!body.over) body.cancel(reasonOf(end))?.catch(() => {});
      else if (lifecycle.awaitsFlush) lifecycle.end({ type: "canceled", reason: reasonOf(end) }, sent);
    }, count);
  } else if (host.over) {
    host.over(() => {
      if (!body) lifecycle.end(HANDED_OVER, response);
      else if (!body.over) setTimeout(() => body.cancel(undefined)?.catch(() => {}), LATE);
    });
  } else if (!body) lifecycle.end(HANDED_OVER, response);
}

function reasonOf(end: End): Error {
  return toReason(end.type === "errored" ? end.error : end.type === "canceled" ? end.reason : undefined);
}
