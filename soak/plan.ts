import type { Outcome } from "../src/index.ts";
import type { Failure } from "./serve/books.ts";

/** What the client does with an answer. */
export type Act = "read" | "reset" | "half-close" | "leave";

type Type = Outcome["type"];

/** One kind of ending: how often it comes, and what its callbacks may be told. */
export interface Ending {
  readonly name: string;
  /** Of all responses, by the sum of the weights. */
  readonly weight: number;
  readonly routes: readonly string[];
  readonly act: Act;
  readonly method?: "HEAD";
  readonly status?: number;
  /** What the client cannot know: whether it gets a body, and of what length. */
  readonly unknown?: true;
  readonly endless?: true;
  /** How long the handler waits, in ms. */
  readonly wait?: number;
  /** What the callbacks may be told; a `HEAD` is canceled by some servers where the class is alone. */
  readonly types: readonly Type[];
  /** The same where the class is alone, and for the callback of the adapter. */
  readonly alone?: readonly Type[];
  readonly adapters?: readonly Type[];
}

const completed: readonly Type[] = ["completed"];
const canceled: readonly Type[] = ["canceled"];
const errored: readonly Type[] = ["errored"];
const either: readonly Type[] = ["completed", "canceled"];

export const endings: readonly Ending[] = [
  { name: "text, read", weight: 20, routes: ["text", "json"], act: "read", types: completed },
  { name: "bytes, read", weight: 6, routes: ["bytes"], act: "read", types: completed },
  { name: "stream, read", weight: 14, routes: ["stream", "written", "from"], act: "read", types: completed },
  { name: "re-wrapped", weight: 6, routes: ["re-wrapped", "twice"], act: "read", types: completed },
  {
    name: "HEAD",
    weight: 6,
    routes: ["text", "stream", "bytes"],
    act: "read",
    method: "HEAD",
    types: completed,
    alone: either,
  },
  { name: "204", weight: 5, routes: ["nothing"], act: "read", status: 204, types: completed },
  { name: "redirect", weight: 4, routes: ["redirect"], act: "read", status: 303, types: completed },
  { name: "source error", weight: 6, routes: ["fails"], act: "read", unknown: true, types: errored },
  { name: "reset", weight: 9, routes: ["stream"], act: "reset", endless: true, types: canceled },
  { name: "reset, idle", weight: 4, routes: ["idle"], act: "reset", types: canceled },
  { name: "reset, consumed", weight: 3, routes: ["consume"], act: "reset", endless: true, types: canceled },
  { name: "reset, 2 MB", weight: 1, routes: ["large"], act: "reset", types: either },
  { name: "half-close", weight: 4, routes: ["stream", "idle"], act: "half-close", endless: true, types: canceled },
  {
    name: "gone before the answer",
    weight: 5,
    routes: ["text", "stream", "nothing"],
    act: "leave",
    wait: 20,
    types: either,
  },
  {
    name: "thrown",
    weight: 3,
    routes: ["throws"],
    act: "read",
    status: 500,
    unknown: true,
    types: errored,
    alone: canceled,
  },
  { name: "dropped", weight: 3, routes: ["dropped"], act: "read", types: canceled, adapters: completed },
  // Ours is only what the adapter's callback makes of it.
  { name: "plain", weight: 1, routes: ["plain"], act: "read", types: completed },
];

/** One request of the soak. */
export interface Job {
  readonly ending: Ending;
  readonly path: string;
  /** The bytes of the body, where the client knows. */
  readonly bytes: number | undefined;
  /** After how many bytes the client leaves; before the answer, after how many ms. */
  readonly after: number;
}

/** Of the responses, whose first callback fails: that is one tenth of all callbacks. */
const FAILING = 0.24;

const total = endings.reduce((sum, { weight }) => sum + weight, 0);

/** The job number `index`: the same for the same seed, whatever the others do. */
export function jobOf(seed: number, index: number): Job {
  const random = randomOf(seed * 1_000_003 + index);
  const upTo = (most: number) => Math.floor(random() * (most + 1));
  const pick = <T>(list: readonly T[]) => list[upTo(list.length - 1)] as T;
  const ending = endingAt(random() * total);
  const route = pick(ending.routes);
  const way = pick(["alone", "wrapped", "told"]);
  const failure: Failure = random() < FAILING ? pick(["throws", "rejects", "hangs"] as const) : "none";
  const chunks = 1 + upTo(5);
  const [whole, size] = [route === "bytes" ? upTo(300_000) : 10 + upTo(5_000), 1 + upTo(3_000)];
  const streams = ["stream", "written", "from", "idle", "consume", "fails"].includes(route);
  const inChunks = streams || (["re-wrapped", "twice"].includes(route) && chunks % 2 === 0);
  const query = new URLSearchParams({
    name: `${ending.name}${way === "alone" ? ", alone" : ""}`,
    failure,
    callbacks: String(1 + upTo(2)),
    // A source error may come before the first byte.
    chunks: String(ending.endless && route !== "idle" ? 1e9 : route === "fails" ? chunks - 1 : chunks),
    size: String(inChunks ? size : whole),
    every: String(upTo(3) - 1),
    wait: String(ending.wait ?? 0),
  });
  return {
    ending,
    path: `/${way}/${route}?${query}`,
    bytes: bytesOf(ending, inChunks ? chunks * size : whole),
    after: ending.act === "leave" ? upTo(15) : 1 + upTo(ending.endless && route !== "idle" ? 10_000 : 0),
  };
}

/** The ending at a point of the sum of the weights. */
function endingAt(point: number): Ending {
  let before = 0;
  const found = endings.find(({ weight }) => {
    before += weight;
    return point < before;
  });
  return found as Ending;
}

function bytesOf({ unknown, method, status, act }: Ending, bytes: number): number | undefined {
  if (unknown || act !== "read") return undefined;
  return method === "HEAD" || status !== undefined ? 0 : bytes;
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
