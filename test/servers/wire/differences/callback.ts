import { BUN, DENO, type Difference } from "./difference.ts";

const ways = ["callback"] as const;
/** Here the callback is given to a plain Response by from(), which takes over its body. */
const TAKEN_OVER = ["Fastify", "Express"];

/** A plain Response under a callback for all: as without us, but for streams whose end nobody else tells. */
export const withACallback: readonly Difference[] = [
  {
    why: "Bun takes the stream of a text for the text, and nothing shows that from outside",
    servers: BUN,
    ways,
    cases: ["re-wrapped string"],
    says: ["-content-type: application/octet-stream"],
  },
  {
    why: "The headers of a stream that is watched come in the order of the alphabet",
    servers: DENO,
    ways,
    cases: ["streamed gzip by hand"],
    says: ["order of headers"],
  },
  {
    why: "Chunks are cut at 64 KiB, or they would count as handed over too early",
    servers: TAKEN_OVER,
    ways,
    cases: ["string of 200 kB"],
    says: ["chunks 200000 → 65536,65536,65536,3392"],
  },
  {
    why: "Chunks are cut at 64 KiB, or they would count as handed over too early",
    servers: TAKEN_OVER,
    ways,
    cases: ["bytes of 100 kB"],
    says: ["chunks 100000 → 65536,34464"],
  },
];
