// What the class costs by itself: measures on the runtime that runs it, and prints what it found. Arguments: the runtime's
// name, rounds.
import assert from "node:assert/strict";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { do_not_optimize, measure } from "mitata";
import { ResponseThen } from "../../dist/src/index.js";
import { type Costs, measureInRounds } from "../rounds.ts";

declare const Bun: { gc(force: boolean): void } | undefined;
declare const gc: () => void;

/** What `measure.ts` prints: by candidate, round by round; a plain one is `<work>/plain`, and ours `<work>/ours`. */
export interface Measured {
  readonly nanoseconds: Costs;
  /** Nothing where the runtime does not tell. */
  readonly bytes: Costs | undefined;
}

const [name = "", rounds = "1"] = process.argv.slice(2);
const TEXT = "Hello, world";
let ran = 0;
const callback = () => void ran++;

/** How many are measured at once, so that they are far more than the clock's step, and no garbage is collected within. */
const BATCH = 128;
const SAMPLES = 24;

function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  let left = 4;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(100));
      else controller.close();
    },
  });
}

const works: Record<string, () => Response | Promise<string>> = {
  "construct/plain": () => new Response(TEXT),
  "construct/ours": () => new ResponseThen(TEXT, callback),
  "read/plain": () => new Response(TEXT).text(),
  "read/ours": () => new ResponseThen(TEXT, callback).text(),
  "stream/plain": () => new Response(stream()).text(),
  "stream/ours": () => new ResponseThen(stream(), callback).text(),
  "onFinished/ours": () => new ResponseThen(TEXT, callback).onFinished(callback),
  "from/plain": () => {
    const response = new Response(TEXT);
    return new Response(response.body, response);
  },
  "from/ours": () => ResponseThen.from(new Response(TEXT), callback),
  "clone/plain": () => new Response(TEXT).clone(),
  "clone/ours": () => new ResponseThen(TEXT, callback).clone(),
};

/** What was not read is collected, and what ended has called back. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    if (typeof Bun === "undefined") gc();
    else Bun.gc(true);
    await pause(5);
  }
}

// Right before it is timed.
for (const [work, run] of Object.entries(works)) {
  const result = await run();
  const text = typeof result === "string" ? result : await result.text();
  assert.equal(text, work.startsWith("stream") ? "\0".repeat(400) : TEXT, `the body of ${work}`);
}
await settle();
const expected = Object.keys(works).filter((work) => work.endsWith("/ours")).length + 1;
assert.equal(ran, expected, "the callbacks of what was read: one each, onFinished two");

// The heap of Bun is told as it was at its last collection.
const heap = typeof Bun === "undefined" ? () => process.memoryUsage().heapUsed : undefined;
const bytes: Costs = Object.fromEntries(Object.keys(works).map((work) => [work, []]));
const nanoseconds = await measureInRounds(`${name}, micro`, Object.keys(works), Number(rounds), async (work) => {
  await settle();
  const run = works[work] as () => unknown;
  const kept = () => {
    const result = run();
    // Else a plain response is never made at all.
    do_not_optimize(result);
    return result;
  };
  const stats = await measure(kept, {
    ...(heap && { heap }),
    min_samples: SAMPLES,
    max_samples: SAMPLES,
    batch_samples: BATCH,
    // Always in batches.
    warmup_threshold: Number.POSITIVE_INFINITY,
    batch_threshold: Number.POSITIVE_INFINITY,
  });
  bytes[work]?.push(stats.heap?.avg ?? Number.NaN);
  return stats.p50;
});
console.log(JSON.stringify({ nanoseconds, bytes: heap && bytes } satisfies { [K in keyof Measured]: unknown }));
