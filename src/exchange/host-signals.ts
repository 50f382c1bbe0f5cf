// What a host can tell of the response to one request, and how that ends it. Each adapter says what its runtime knows.
import type { WatchedBody } from "../body/watched-body.ts";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { WaitUntil } from "../lifecycle/options.ts";
import { abandoned, type End, HANDED_OVER, toReason } from "../lifecycle/outcome.ts";
import { isRead } from "./look.ts";

/** What an adapter knows of one request. Without any of the optional members a body tells its own end. */
export interface HostSignals {
  /** The request's method, as the client sent it. */
  readonly method: string;
  /** Keeps the platform alive for responses that were built without a `waitUntil` of their own. */
  readonly waitUntil?: WaitUntil | undefined;
  /** The longest fixed body that goes out as that of a plain response, in bytes; default none: they are watched. */
  readonly fixedLimit?: number;
  /** How long what was not sent may still find a reader, in ms, before it is told; default 5,000. */
  readonly abandonAfter?: number;
  /**
   * Tells once how the response ended: that the operating system has its last byte, that the connection ended before, or
   * that its body failed. It is asked when the response is handed over.
   *
   * @param count Whether it is to count the bytes.
   */
  flushed?(listener: (end: End) => void, count: boolean): void;
  /** Whether somebody else sends the response, or another one: then it was sent if it was read. */
  readonly handed?: boolean;
  /** What a framework, or the server for its own error, has sent in place of a response; `undefined` for that one. */
  sentInstead?(response: Response): Response | undefined;
  /** Tells once that the runtime is done with the response, however that went; for what no body tells. */
  over?(listener: () => void): void;
  /** Tells once that the client left before it had all; for handlers that never answer. */
  left?(listener: () => void): void;
  /** Why the client is known to have left by now; `undefined` where it is not. */
  gone?(): unknown;
  /** Carries a body to the runtime by better means than a JavaScript stream; `undefined` leaves it one. */
  carry?(body: WatchedBody): ReadableStream | undefined;
  /** How long the runtime may take to begin to read what it was given, in ms; for platforms that do not wait for ever. */
  readonly readWithin?: number;
}

/** How long a body may stay open when the runtime is done with its response, in ms: until it is told of that too. */
const LATE = 1_000;

/**
 * The host tells the end of what is sent: all of it, or what the body does not tell.
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
        // Of a plain one nobody knows whether its producer has stopped.
        end = whole ? { type: "completed", observed: "pulled", counted } : { ...end, released: false };
      }
      if (end.type === "completed" && (body ? !body.over : other && host.handed && !isRead(response, false))) {
        // Its body is left to whoever may still read it.
        const reason = abandoned("Another response was sent in its place");
        lifecycle.end({ type: "canceled", observed: "flushed", reason, released: false }, sent);
      } else if (!body || end.type === "completed") lifecycle.end(end, sent);
      // By the body where it is still open: it has a source to cancel, or to read on. What it failed with it has told.
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
