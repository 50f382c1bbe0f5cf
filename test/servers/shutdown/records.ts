import { appendFileSync } from "node:fs";
import process from "node:process";

/** What happened to a response: its request came, its callback was called, has finished, was aborted. */
export type Event = "came" | "called" | "finished" | "aborted";

/** Writes a line about a response to the file of the environment variable RECORDS, at once. */
export function record(event: Event, id: string, what = "-"): void {
  appendFileSync(process.env.RECORDS ?? "", `${event} ${id} ${what}\n`);
}

/** What the file says of each response: how often each event was, and what was told with it. */
export type Records = Map<string, Record<Event, string[]>>;

/** Reads the lines back. */
export function parseRecords(text: string): Records {
  const records: Records = new Map();
  for (const line of text.split("\n").slice(0, -1)) {
    const [event, id, what] = line.split(" ") as [Event, string, string];
    const entry = records.get(id) ?? { came: [], called: [], finished: [], aborted: [] };
    entry[event].push(what);
    records.set(id, entry);
  }
  return records;
}
