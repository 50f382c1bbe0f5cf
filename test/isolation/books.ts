// What the callbacks of each request saw, checked against what belongs to that request. Runs on every runtime.
import { AsyncLocalStorage } from "node:async_hooks";
import type { Outcome } from "../../src/index.ts";
import { endings, type Job, jobOf } from "./jobs.ts";

/** The application's async context: the id of the request, and whereof. */
export const store: AsyncLocalStorage<string> = new AsyncLocalStorage();

const notes = new Map<string, Map<string, string[]>>();
const arrived = new Map<string, number>();
const owners = new WeakMap<object, string>();

/** The notes of a round, by the requests' ids. */
export function notesOf(round: string): Record<string, string[]> {
  return Object.fromEntries(notes.get(round) ?? []);
}

/** A request came. */
export function arrive({ round }: Job): void {
  arrived.set(round, (arrived.get(round) ?? 0) + 1);
}

/** Whether all requests of the round are being handled, so that they are in flight at the same time. */
export function allArrived({ round, count }: Job): boolean {
  return (arrived.get(round) ?? 0) >= count;
}

/** Writes down what happened to a request, and what of that is not its own. */
export function note({ round, id }: Job, what: string, complaints: readonly (string | false)[]): void {
  const book = notes.get(round) ?? new Map<string, string[]>();
  notes.set(round, book);
  const list = book.get(id) ?? [];
  book.set(id, list);
  list.push([what, ...complaints.filter((complaint) => complaint !== false)].join("; "));
}

/** Says that an object was given to another request before. */
export function shared(what: string, object: object, { id }: Job): string | false {
  const owner = owners.get(object) ?? id;
  owners.set(object, owner);
  return owner !== id && `${what} of ${owner}`;
}

export const inStore = (expected: string): string | false => {
  const found = store.getStore();
  return found !== expected && `the store of ${found}`;
};

/** Writes down what a callback was told. */
export function tell(job: Job, name: string, expectedStore: string, outcome: Outcome): void {
  note(job, `${name} ${outcome.type}`, [inStore(expectedStore), ...faults(job, outcome)]);
}

/** What of an outcome belongs to another request. */
function faults(job: Job, outcome: Outcome): (string | false)[] {
  const { id, bytes, ending } = job;
  const { response, request } = outcome;
  const { pieces = 0, replaced } = endings[ending] ?? {};
  // Bun does not tell the length of a plain response of 1,000 bytes or more.
  const whole = replaced && "Bun" in globalThis && outcome.bytes === 0 ? 0 : bytes * pieces;
  const sent = response.headers.get("x-id");
  const { status } = response;
  const why = outcome.type === "errored" ? outcome.error : outcome.type === "canceled" ? outcome.reason : undefined;
  const ours = why instanceof Error && /^The (source|handler|body) /.test(why.message);
  return [
    sent !== id && `the response of ${sent}`,
    status !== job.status && `status ${status}`,
    outcome.bytes % bytes !== 0 && `${outcome.bytes} bytes`,
    outcome.type === "completed" &&
      job.status !== 204 &&
      outcome.bytes !== whole &&
      `${outcome.bytes} bytes, not whole`,
    request !== undefined && jobOf(request.url)?.id !== id && `the request ${request.url}`,
    ours && !why.message.endsWith(` ${id}`) && `"${why.message}"`,
    ending === "canceled" && outcome.type === "canceled" && !ours && `a reason of somebody else: ${why}`,
    outcome.type === "errored" && !ours && `an error of somebody else: ${why}`,
    shared("the outcome", outcome, job),
    shared("the response", response, job),
    why instanceof Error && shared("the reason or error", why, job),
  ];
}
