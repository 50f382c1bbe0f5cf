// What happened to a request, kept in the server and told over the wire. Runs on Node, Bun, Deno and workerd.
import type { Callback, Outcome } from "../../../src/index.ts";

/** What happened to one request, in the order in which it happened. */
export type Event =
  | { at: "writer"; what: string }
  | { at: "source canceled"; reason: string }
  | ({ at: "callback"; status: number; phase?: string; error?: string; reason?: string } & Pick<
      Outcome,
      "type" | "observed" | "bytes"
    >);

const events = new Map<string, Event[]>();
const counts = new Map<string, number>();

export function eventsOf(id: string): Event[] {
  const list = events.get(id) ?? [];
  events.set(id, list);
  return list;
}

/** Counts what a source gave, or a writer has written. */
export function count(id: string, bytes: number): void {
  counts.set(id, countOf(id) + bytes);
}

export function countOf(id: string): number {
  return counts.get(id) ?? 0;
}

export function note(id: string, what: string): void {
  eventsOf(id).push({ at: "writer", what });
}

/** A callback that records what it is told. */
export function record(id: string): Callback {
  return (outcome) => {
    const { type, observed, bytes, response } = outcome;
    eventsOf(id).push({
      at: "callback",
      type,
      observed,
      bytes,
      status: response.status,
      ...("phase" in outcome && { phase: outcome.phase }),
      ...(outcome.type === "errored" && { error: (outcome.error as Error).message }),
      ...(outcome.type === "canceled" && { reason: outcome.reason.name }),
    });
  };
}
