// What the callbacks and sources of a request saw, kept in the server and told over the wire. Runs on Node, Bun and Deno.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Callback, Outcome } from "../../../src/index.ts";

/** What happened to one request, in the order in which it happened. */
export type Event =
  | { at: "handler" | "cancel" | "source ends" | "reads" | "blocked" | "answered"; store: string | undefined }
  | ({ at: "callback"; name: string; status: number; sentId: string | null; store: string | undefined } & Told);

/** What a callback was told. */
export type Told = Pick<Outcome, "type" | "observed" | "bytes"> & {
  phase?: string;
  reason?: string;
  error?: string;
  drained?: { bytes: number; whole: boolean };
};

const records = new Map<string, Event[]>();

/** The async context that every handler runs in: the request's id. */
export const store = new AsyncLocalStorage<string>();

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

export function note(id: string, at: Exclude<Event["at"], "callback">): void {
  eventsOf(id).push({ at, store: store.getStore() });
}

/** A callback that records what it is told. */
export function record(id: string, name: string): Callback {
  return (outcome) => {
    eventsOf(id).push({
      at: "callback",
      name,
      store: store.getStore(),
      status: outcome.response.status,
      sentId: outcome.response.headers.get("x-id"),
      type: outcome.type,
      observed: outcome.observed,
      bytes: outcome.bytes,
      ...(outcome.type !== "completed" && { phase: outcome.phase }),
      ...(outcome.type === "errored" && { error: (outcome.error as Error).message }),
      ...(outcome.type === "canceled" && { reason: outcome.reason.name }),
      ...(outcome.type === "canceled" && outcome.drained && { drained: outcome.drained }),
    });
  };
}
