import { lifecycleOf } from "../exchange/index.ts";
import type { Observed, Outcome } from "../index.ts";
import { redactQuery } from "./redact.ts";

// As the outcome's.
const { performance } = globalThis;

/**
 * What is logged of one request. Its texts have no control characters and nothing that turns or hides the text around
 * it: these are percent-encoded, as is white space in `method`, `path` and `remote`. So none of them can forge a line.
 */
export interface LogEntry {
  /** When the request came, in ms since the epoch. */
  readonly time: number;
  /** `GET`, `HEAD`, … */
  readonly method: string;
  /** Path and query, with `[redacted]` for the values that are not for a log. */
  readonly path: string;
  /** 500 where the handler threw, whatever the runtime then answers. */
  readonly status: number;
  /** Bytes of body that were handed over. */
  readonly bytes: number;
  /** From the request to the end of the response, in ms, by a monotonic clock. */
  readonly duration: number;
  /** From the request to the first piece of the body, in ms; `undefined` where none was handed over. */
  readonly firstByte: number | undefined;
  /** How the response ended. */
  readonly type: Outcome["type"];
  /** The moment that `type`, `bytes` and `duration` speak of. */
  readonly observed: Observed;
  /** What the option `remote` gave. */
  readonly remote: string | undefined;
  /** The header `referer`, redacted as `path` is. */
  readonly referer: string | undefined;
  /** The header `user-agent`. */
  readonly userAgent: string | undefined;
  /** All that is known of the end, with the response and the error or reason; its texts are as they came. */
  readonly outcome: Outcome;
}

/** What is known when the request comes. Copied: Bun and Deno take the request away after the response. */
export interface RequestFacts extends Pick<LogEntry, "time" | "method" | "path" | "remote" | "referer" | "userAgent"> {
  /** The time of the request by a monotonic clock. */
  readonly started: number;
}

/** @param isSecret Tells the parameters of a query whose values are not for a log. */
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
  // The outcome counts from when the response was built, which may be before the request. A stand-in ends just now.
  const built = performance.now() - started - (lifecycleOf(response)?.facts.elapsed() ?? outcome.duration);
  const duration = Math.max(0, built + outcome.duration);
  const first = firstByteTime === undefined ? undefined : built + firstByteTime - startTime;
  return {
    ...facts,
    status: response.status,
    bytes,
    duration,
    // By the wall clock where a server counted the bytes.
    firstByte: first && Math.min(Math.max(0, first), duration),
    type,
    observed,
    outcome,
  };
}

/** Control characters, and what turns or hides the text around it. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

function printable(text: string): string {
  return text.replace(UNPRINTABLE, encodeURIComponent);
}

function inOneWord(text: string): string {
  return printable(text).replace(/\s/g, encodeURIComponent);
}
