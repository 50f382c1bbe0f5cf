// What the callbacks and sources of a request saw: kept in the host, and asked back over HTTP.
import type { Callback, Outcome } from "../../../src/index.ts";

/** What happened to one request, in the order in which it happened. */
export type Event = CallbackEvent | NoteEvent;

/** A callback was told an outcome. */
export interface CallbackEvent {
  readonly at: "callback";
  /** Whose: `own` of the response, `adapter` of the wrapped handler, or as the route says. */
  readonly name: string;
  readonly type: Outcome["type"];
  readonly observed: Outcome["observed"];
  readonly bytes: number;
  readonly status: number;
  readonly phase?: string;
  readonly error?: string;
  /** The name of the reason, where that is an `Error`. */
  readonly reason?: string;
  readonly consumed?: { readonly bytes: number; readonly whole: boolean };
}

/** Anything else: `at` says what. */
export interface NoteEvent {
  readonly at: string;
  readonly [detail: string]: unknown;
}

const records = new Map<string, Event[]>();

export function eventsOf(id: string): Event[] {
  const events = records.get(id) ?? [];
  records.set(id, events);
  return events;
}

/** The events of every request whose id begins with `${id}.`, by the rest of it. */
export function allEventsOf(id: string): Record<string, Event[]> {
  const all = [...records].filter(([key]) => key.startsWith(`${id}.`));
  return Object.fromEntries(all.map(([key, events]) => [key.slice(id.length + 1), events]));
}

export function note(id: string, at: string, details: object = {}): void {
  eventsOf(id).push({ at, ...details });
}

/** A callback that records what it is told. */
export function record(id: string, name = "own"): Callback {
  return (outcome) => {
    eventsOf(id).push({
      at: "callback",
      name,
      type: outcome.type,
      observed: outcome.observed,
      bytes: outcome.bytes,
      status: outcome.response.status,
      ...(outcome.type !== "completed" && { phase: outcome.phase }),
      ...(outcome.type === "errored" && { error: messageOf(outcome.error) }),
      ...(outcome.type === "canceled" && { reason: outcome.reason instanceof Error ? outcome.reason.name : "none" }),
      ...(outcome.type === "canceled" && outcome.consumed && { consumed: outcome.consumed }),
    });
  };
}

function messageOf(error: unknown): string {
  // Not by instanceof: on some hosts the error is of another realm.
  return (error as Partial<Error> | undefined)?.message ?? String(error);
}

const released = new Set<string>();

/** Opens the gate of a request. */
export function release(id: string): void {
  released.add(id);
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for the gate: asked now and then, for on Workers no request may wake another. Gives up after 30 s. */
export async function gate(id: string): Promise<void> {
  for (let asked = 0; asked < 1_500 && !released.has(id); asked++) await pause(20);
}
