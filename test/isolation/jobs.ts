// What the clients ask of the servers, known to both.
import type { Outcome } from "../../src/index.ts";

/** One request: its facts are its own, so that those of another request show. */
export interface Job {
  readonly id: string;
  readonly ending: string;
  /** The size of a piece of its body. */
  readonly bytes: number;
  readonly status: number;
  /** The requests that are asked together, and how many these are. */
  readonly round: string;
  readonly count: number;
}

export interface Ending {
  /** How it ends; where the class is alone, and under an adapter. */
  readonly types: readonly [alone: Outcome["type"], wrapped: Outcome["type"]];
  /** The pieces that a client gets which reads all. */
  readonly pieces: number;
  /** What the client does when it has read one piece; it reads all where nothing is said. */
  readonly act?: "leaves" | "is cut";
  /** Whether the response has callbacks of its own. */
  readonly own: boolean;
  /** Whether the client gets another response than the one with the callbacks. */
  readonly replaced?: boolean;
  readonly status?: number;
  /** What the client gets where that is another. */
  readonly answer?: number;
}

const completed = { types: ["completed", "completed"], own: true } as const;
const canceled = { types: ["canceled", "canceled"], own: true } as const;
const errored = { types: ["errored", "errored"], own: true } as const;

export const endings: Readonly<Record<string, Ending>> = {
  text: { ...completed, pieces: 1 },
  later: { ...completed, pieces: 1 },
  json: { ...completed, pieces: 1 },
  nothing: { ...completed, pieces: 0, status: 204 },
  stream: { ...completed, pieces: 3 },
  "later-stream": { ...completed, pieces: 3 },
  from: { ...completed, pieces: 3 },
  written: { ...completed, pieces: 3 },
  "re-wrapped": { ...completed, pieces: 3 },
  left: { ...canceled, pieces: 1, act: "leaves" },
  "later-left": { ...canceled, pieces: 1, act: "leaves" },
  fails: { ...errored, pieces: 1, act: "is cut" },
  "later-fails": { ...errored, pieces: 1, act: "is cut" },
  // Under an adapter it is told what is sent in its place.
  canceled: { types: ["canceled", "completed"], own: true, pieces: 1, replaced: true },
  dropped: { types: ["completed", "canceled"], own: true, pieces: 1, replaced: true, status: 204, answer: 200 },
  throws: { types: ["completed", "errored"], own: true, pieces: 0, replaced: true, status: 204, answer: 500 },
  plain: { ...completed, pieces: 1, own: false },
  bare: { ...completed, pieces: 3, own: false },
};

/** The jobs of a round: all endings but those that are left out, mixed, each job with a size of its own. */
export function jobsOf(round: string, count: number, without: readonly string[] = []): Job[] {
  const names = Object.keys(endings).filter((name) => !without.includes(name));
  return Array.from({ length: count }, (_, index) => {
    const ending = names[index % names.length] as string;
    const { status = 200 + (index % 4) } = endings[ending] as Ending;
    return { id: `${round}.${index}`, ending, bytes: 1_000 + index, status, round, count };
  });
}

export function pathOf(way: string, { id, ending, bytes, status, round, count }: Job): string {
  return `/${way}/${ending}?${new URLSearchParams({ id, bytes: `${bytes}`, status: `${status}`, round, count: `${count}` })}`;
}

/** What a path says; `undefined` for one that is no job's. */
export function jobOf(href: string): Job | undefined {
  const { pathname, searchParams: query } = new URL(href, "http://localhost");
  const get = (name: string) => query.get(name) ?? "";
  if (!query.has("id")) return undefined;
  const ending = pathname.split("/")[2] ?? "";
  return {
    id: get("id"),
    ending,
    bytes: Number(get("bytes")),
    status: Number(get("status")),
    round: get("round"),
    count: Number(get("count")),
  };
}

/** How a callback of a job fails; by its number, so that all endings meet all failures. */
export function failureOf({ bytes }: Job): "none" | "rejects" | "hangs" {
  return (["none", "rejects", "hangs"] as const)[Math.floor(bytes / Object.keys(endings).length) % 3] ?? "none";
}

/** What fills the body. */
export function letterOf({ bytes }: Job): string {
  return String.fromCharCode(97 + (bytes % 26));
}
