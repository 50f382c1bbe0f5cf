// When each way to learn that a response has ended says so, by when it truly has: the client's last byte, or its reset.
import assert from "node:assert/strict";
import { build } from "./build.ts";
import { type Cell, cellOf, kindOf, type Sample, sampleOf, textOf } from "./early/cell.ts";
import { type Manner, toldOf, visit } from "./early/visit.ts";
import { joinLines, type Line } from "./joined.ts";
import { writeDown } from "./page.ts";
import { table } from "./pairs/cell.ts";
import { eachServer, type PeerServer, peerServers } from "./peers/servers.ts";
import type { BenchOptions } from "./run.ts";
import { machine, versions } from "./versions.ts";

interface Plan {
  readonly rounds: number;
  /** How many servers work at a time. */
  readonly atOnce: number;
  /** Pieces of a stream, one each 50 ms, and after how many a client leaves. */
  readonly pieces: number;
  readonly leavesAfter: number;
  /** Bytes of a body that is whole in memory, and how many of them its reader reads before it stops. */
  readonly large: number;
  readonly first: number;
  /** How long that reader stops, in ms. */
  readonly stop: number;
  /** How long after an end a callback still may run, in ms. */
  readonly patience: number;
}

const FULL: Plan = {
  rounds: 3,
  atOnce: 1,
  pieces: 40,
  leavesAfter: 10,
  large: 20e6,
  first: 1e6,
  stop: 1_000,
  patience: 1_500,
};

const SHORT: Plan = { ...FULL, rounds: 1, atOnce: 4, pieces: 20, leavesAfter: 2, stop: 200, patience: 500 };

const PIECE = 1_000;
const EVERY = 50;

/** By way: what was told in each round. */
type Samples = Record<string, Record<"read" | "slow" | "left" | "leftLarge", Sample[]>>;

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const plan = short ? SHORT : FULL;
  // A build of Next takes longer than all the others.
  const servers = peerServers(short).filter(({ name }) => !short || name !== "next");
  if (short) console.log("skipped: Next, in a short run");
  const lines = await eachServer(servers, plan.atOnce, (server, { port }) => measure(server, port, plan));
  const names = [
    "@hono/node-server",
    "hono",
    "srvx",
    "h3",
    "bun",
    "deno",
    "workerd-newest",
    "next",
    "elysia",
    "on-finished",
  ];
  const head = [
    "",
    "on",
    `a stream of ${(plan.pieces * EVERY) / 1_000} s, read to its end`,
    `${plan.large / 1e6} MB in memory, a reader that stops for ${plan.stop / 1_000} s after ${plan.first / 1e6} MB`,
    "a client that leaves in the middle of the stream",
    `a client that stops and leaves at ${plan.first / 1e6} of the ${plan.large / 1e6} MB`,
  ];
  const page = [
    `${versions(names)}, ${machine}; median of ${plan.rounds} rounds.`,
    "",
    table(head, joinLines(lines.flat(), kindOf, textOf)),
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("early", page);
}

async function measure(server: PeerServer, port: number, plan: Plan): Promise<Line<Cell>[]> {
  const ways = Object.keys(server.ways);
  const samples: Samples = Object.fromEntries(
    ways.map((way) => [way, { read: [], slow: [], left: [], leftLarge: [] }]),
  );
  for (let round = 0; round < plan.rounds; round++) {
    await measureRound(`http://127.0.0.1:${port}`, round, samples, plan);
    console.error(`${server.text}: round ${round + 1} of ${plan.rounds}`);
  }
  return Object.entries(samples).map(([way, { read, slow, left, leftLarge }]) => ({
    way: server.ways[way] as string,
    server: server.text,
    cells: [cellOf(read), cellOf(slow, "had"), cellOf(left, "word"), cellOf(leftLarge, "word")],
  }));
}

async function measureRound(origin: string, round: number, samples: Samples, plan: Plan): Promise<void> {
  const { pieces, large, first, stop, patience, leavesAfter } = plan;
  const ways = Object.entries(samples);
  let asked = 0;
  const ask = async (way: string, content: string, bytes: number, manner: Manner, wait: number): Promise<Sample> => {
    const id = `${way}-${round}-${asked++}`;
    const seen = await visit(new URL(`/${way}/${content}&id=${id}`, origin), bytes, manner);
    // What is asserted has its time, however slow the machine is.
    const sample = sampleOf(await toldOf(origin, id, isOurs(way) ? 20_000 : wait), seen);
    assertRight(way, sample, manner);
    return sample;
  };
  const stream = (way: string, manner: Manner, wait: number) =>
    ask(way, `stream?pieces=${pieces}`, pieces * PIECE, manner, wait);
  // Streams wait most of the time: all ways at once.
  await Promise.all(ways.map(async ([way, { read }]) => read.push(await stream(way, {}, patience))));
  const goes = { first: leavesAfter * PIECE, leaves: true };
  const wait = (pieces - leavesAfter) * EVERY + patience;
  await Promise.all(ways.map(async ([way, { left }]) => left.push(await stream(way, goes, wait))));
  const whole = (way: string, manner: Manner) =>
    ask(way, `large?bytes=${large}`, large, { first, ...manner }, patience);
  for (const [way, { slow }] of ways) slow.push(await whole(way, { stop }));
  await Promise.all(ways.map(async ([way, { leftLarge }]) => leftLarge.push(await whole(way, { stop, leaves: true }))));
}

/** What is promised of a ResponseThen: one callback, with the outcome. */
function assertRight(way: string, { word, callbacks }: Sample, { leaves }: Manner): void {
  if (!isOurs(way)) return;
  assert.deepEqual(
    { word, callbacks },
    { word: leaves ? "`canceled`" : "`completed`", callbacks: 1 },
    `what ${way} is told`,
  );
}

function isOurs(way: string): boolean {
  return ["alone", "wrapped", "handed"].includes(way);
}
