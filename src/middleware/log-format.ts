// Defines the formats of the logger's lines, and chooses one.
import { expected } from "../exchange/index.ts";
import type { LogEntry } from "./log-entry.ts";

/**
 * How a line is written.
 *
 * - `"dev"`: for people. It has colors if the line goes to a terminal through `console.log` and `NO_COLOR` is unset.
 * - `"common"`, `"combined"`: as Apache writes its access logs, in UTC. They have no field for how the response ended.
 *   They have one for the version of HTTP, which no fetch handler knows: `HTTP/1.1` is written.
 * - `"json"`: one JSON object, with `time` in ISO 8601 and durations in ms.
 * - a function, which returns the line.
 */
export type LogFormat = "dev" | "common" | "combined" | "json" | ((entry: LogEntry) => string);

/** Checks the application's option, and makes a function of it. */
export function toFormat(format: LogFormat, colors: boolean): (entry: LogEntry) => string {
  if (typeof format === "function") return format;
  if (format === "dev") return (entry) => dev(entry, colors);
  const made = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (!made) throw expected("format", `"dev", "common", "combined", "json" or a function`, format);
  return made;
}

/** Whether `console.log` writes to a terminal that accepts colors. */
export function onTerminal(): boolean {
  const { process, Deno } = globalThis as {
    process?: { stdout?: { isTTY?: boolean }; env?: { NO_COLOR?: string } };
    Deno?: { noColor: boolean };
  };
  // The environment is not read on Deno, which would ask the user for permission.
  return process?.stdout?.isTTY === true && !(Deno ? Deno.noColor : process.env?.NO_COLOR);
}

const FORMATS = {
  common,
  combined: (entry: LogEntry) => `${common(entry)} ${quoted(entry.referer)} ${quoted(entry.userAgent)}`,
  json: ({ outcome, ...entry }: LogEntry) =>
    JSON.stringify({
      ...entry,
      time: new Date(entry.time).toISOString(),
      duration: rounded(entry.duration),
      firstByte: entry.firstByte === undefined ? undefined : rounded(entry.firstByte),
    }),
};

function dev(entry: LogEntry, colors: boolean): string {
  const { method, path, status, bytes, duration, firstByte, type, observed } = entry;
  const color = (code: number, text: unknown) => (colors ? `\x1b[${code}m${text}\x1b[39m` : text);
  // Green for 1xx and 2xx, cyan for 3xx, yellow for 4xx, red for all others.
  const shown = color([31, 32, 32, 36, 33][Math.floor(status / 100)] ?? 31, status);
  const end = type === "completed" ? type : color(type === "canceled" ? 33 : 31, type);
  const first = firstByte === undefined ? "" : `, first byte ${ms(firstByte)}`;
  return `${method} ${path} ${shown} ${bytes} bytes ${ms(duration)}${first}, ${end} (${observed})`;
}

function common({ time, method, path, status, bytes, remote }: LogEntry): string {
  const [, day, month, year, clock] = new Date(time).toUTCString().split(" ");
  const request = quoted(`${method} ${path} HTTP/1.1`);
  return `${remote || "-"} - - [${day}/${month}/${year}:${clock} +0000] ${request} ${status} ${bytes || "-"}`;
}

/** Quotes a text as Apache does, so that a quote in the text does not end the field. */
function quoted(text = "-"): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

function ms(duration: number): string {
  return `${duration < 10 ? duration.toFixed(1) : Math.round(duration)} ms`;
}

function rounded(duration: number): number {
  return Math.round(duration * 1_000) / 1_000;
}
