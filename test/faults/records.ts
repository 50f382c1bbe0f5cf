// What happened in a server, in the order in which it happened. Runs on every runtime.
import type { Outcome } from "../../src/index.ts";

/** A word about a request; the callbacks' are those of the outcome's type. */
export type Entry = readonly [id: string, what: string];

const entries: Entry[] = [];

export function record(id: string, what: string): void {
  entries.push([id, what]);
}

/** The entries of the requests whose id begins so. */
export function entriesOf(prefix: string): Entry[] {
  return entries.filter(([id]) => id.startsWith(prefix));
}

/** A callback that records what it is told: its name, the type, and the code of an error. */
export function recorder(id: string, name: string): (outcome: Outcome) => void {
  return (outcome) => {
    const error = outcome.type === "errored" ? ` ${(outcome.error as { code?: string }).code ?? outcome.error}` : "";
    record(id, `${name} ${outcome.type}${error}`);
  };
}

/** What was told of each request, by its id. */
export function byId(entries: readonly Entry[]): Map<string, string[]> {
  const told = new Map<string, string[]>();
  for (const [id, what] of entries) told.set(id, [...(told.get(id) ?? []), what]);
  return told;
}
