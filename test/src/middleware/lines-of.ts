// What the tests of the logger share: ways to answer one request through a logger and to get what it wrote.
import { expect } from "vitest";
import {
  compose,
  type FetchHandler,
  type LogEntry,
  type LoggerOptions,
  logger,
} from "../../../src/middleware/index.ts";
import { settle } from "../../told.ts";

export const url = "http://localhost/path?a=1";
export const GET: Request = new Request(url);

export const hello = (): Response => new Response("Hello", { status: 201 });

export const fails = (..._built: unknown[]): never => {
  throw new Error("failed");
};

/** Answers a request through a logger, reads the answer to its end, and returns the lines. */
export async function linesOf(handler: FetchHandler, options: LoggerOptions = {}, request = GET): Promise<string[]> {
  const lines: string[] = [];
  const response = await compose(handler, logger({ sink: (line) => lines.push(line), ...options }))(request);
  await response.text();
  await settle();
  return lines;
}

/** The entry of one request. */
export async function entryOf(handler: FetchHandler, request = GET, options: LoggerOptions = {}): Promise<LogEntry> {
  const entries: LogEntry[] = [];
  const format = (entry: LogEntry) => {
    entries.push(entry);
    return "";
  };
  expect(await linesOf(handler, { ...options, format }, request)).toEqual([""]);
  expect(entries).toHaveLength(1);
  return entries[0] as LogEntry;
}
