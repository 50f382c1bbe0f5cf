// Runs unchanged on Node, Bun, Deno and workerd.
import type { Callback, Outcome } from "../../src/index.ts";

/** How a callback fails, if it does. */
export type Failure = "none" | "throws" | "rejects" | "hangs";

/** What a server tells of its callbacks. */
export interface Account {
  readonly responses: number;
  readonly callbacks: number;
  readonly ran: number;
  /** Callbacks that have not run yet. */
  readonly due: number;
  readonly doubled: number;
  readonly failed: number;
  /** Failures that were not reported yet. */
  readonly unreported: number;
  readonly reportedTwice: number;
  readonly unhandled: number;
  /** By the name of the ending: how often each type was told, under that of the way. */
  readonly told: Readonly<Record<string, Record<string, number>>>;
  /** What is still due, by the name of the ending. */
  readonly missing: Readonly<Record<string, number>>;
}

const due = new Map<number, string>();
const unreported = new Set<number>();
const told: Record<string, Record<string, number>> = {};
const counts = { responses: 0, callbacks: 0, ran: 0, doubled: 0, failed: 0, reportedTwice: 0, unhandled: 0 };

/** A response was built. */
export function built(): void {
  counts.responses++;
}

/** A rejection that nobody handled. */
export function unhandled(): void {
  counts.unhandled++;
}

/** A callback that is due exactly once; and what is to be told of its failure, which is due exactly once too. */
export function dueOnce(name: string, failure: Failure = "none"): { callback: Callback; onError: () => void } {
  const id = counts.callbacks++;
  due.set(id, name);
  const callback: Callback = ({ type }: Outcome) => {
    if (!due.delete(id)) counts.doubled++;
    counts.ran++;
    told[name] ??= {};
    const types = told[name];
    types[type] = (types[type] ?? 0) + 1;
    if (failure === "none") return undefined;
    counts.failed++;
    unreported.add(id);
    if (failure === "hangs") return new Promise(() => {});
    if (failure === "rejects") return Promise.reject(new Error("the callback rejected"));
    throw new Error("the callback threw");
  };
  const onError = () => {
    if (!unreported.delete(id)) counts.reportedTwice++;
  };
  return { callback, onError };
}

/** What the books say now. */
export function account(): Account {
  const missing: Record<string, number> = {};
  for (const name of due.values()) missing[name] = (missing[name] ?? 0) + 1;
  return { ...counts, due: due.size, unreported: unreported.size, told, missing };
}
