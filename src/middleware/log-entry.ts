// Defines what the logger knows of one request, and makes it from the request and the outcome.
import { lifecycleOf } from "../exchange/index.ts";
import type { Observed, Outcome } from "../index.ts";
import { redactQuery } from "./redact.ts";

// Taken when the module loads, as for the outcome: a test may replace it for a while.
const { performance } = globalThis;

/**
 * What is logged of one request. Its texts contain no control characters, and no characters that reorder or hide the
 * text around them: these are percent-encoded. White space in `method`, `path` and `remote` is percent-encoded too. So
 * none of them can forge a line.
 */
export interface LogEntry {
  /** When the request arrived, in ms since the epoch. */
  readonly time: number;
  /** `GET`, `HEAD`, … */
  readonly method: string;
  /** Path and query, with `[redacted]` in place of the values that must not be logged. */
  readonly path: string;
  /**
   * The status of the response. 500 if the handler threw, whatever the runtime then answers; 499 if it threw because
   * its client had left, where the server can tell.
   */
  readonly status: number;
  /** Bytes of the body that were handed over. */
  readonly bytes: number;
  /** From the request to the end of the response, in ms, by a monotonic clock. */
  readonly duration: number;
  /** From the request to the first piece of the body, in ms; `undefined` if no piece was handed over. */
  readonly firstByte: number | undefined;
  /** How the response ended. */
  readonly type: Outcome["type"];
  /** The moment to which `type`, `bytes` and `duration` refer. */
  readonly observed: Observed;
  /** What the option `remote` returned. */
  readonly remote: string | undefined;
  /** The header `referer`, redacted like `path`. */
  readonly referer: string | undefined;
  /** The header `user-agent`. */
  readonly userAgent: string | undefined;
  /**
   * Everything that is known of the end, with the response and the error or reason. Its texts are not encoded or
   * redacted.
   */
  readonly outcome: Outcome;
}

/**
 * What is known when the request arrives. It is copied, because Bun and Deno discard the request after the response.
 */
export interface RequestFacts extends Pick<LogEntry, "time" | "method" | "path" | "remote" | "referer" | "userAgent"> {
  /** When the request arrived, by a monotonic clock. */
  readonly started: number;
}

/**
 * Copies what is logged of a request.
 *
 * @param isSecret Whether the value of a query parameter must not be logged.
 */
export function factsOf(
  { method, url, headers }: Request,
  remote: string | undefined,
  isSecret: (name: string) => boolean,
): RequestFacts {
  const referer = headers.get("referer");
  const path = url.replace(/^[^/?#]+:\/\/[^/?#]*|#.*/gs, "");
  return {
    started: performance.now(),
    time: Date.now(),
    method: inOneWord(method),
    path: inOneWord(redactQuery(path.startsWith("/") ? path : `/${path}`, isSecret)),
    remote: remote && inOneWord(remote),
    referer: referer === null ? undefined : printable(redactQuery(referer, isSecret)),
    userAgent: printable(headers.get("user-agent") ?? "") || undefined,
  };
}

export function toEntry({ started, ...facts }: RequestFacts, outcome: Outcome): LogEntry {
  const { type, response, bytes, observed, startTime, firstByteTime } = outcome;
  // Outcome times count from when the response was built, which may be before the request. For a stand-in, the end is
  // now.
  const built = performance.now() - started - (lifecycleOf(response)?.facts.elapsed() ?? outcome.duration);
  const duration = Math.max(0, built + outcome.duration);
  const first = firstByteTime === undefined ? undefined : built + firstByteTime - startTime;
  return {
    ...facts,
    status: response.status,
    bytes,
    duration,
    // Limited to the duration: where a server counted the bytes, the time is by the wall clock.
    firstByte: first && Math.min(Math.max(0, first), duration),
    type,
    observed,
    outcome,
  };
}

/** Control characters, and characters that reorder or hide the text around them. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function printable(text: string): string {
  return text.replace(UNPRINTABLE, encodeURIComponent);
}

function inOneWord(text: string): string {
  return printable(text).replace(/\s/g, encodeURIComponent);
}
