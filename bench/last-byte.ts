// How long a callback that takes its time holds up the answer that it belongs to, and the next one on its connection.
import assert from "node:assert/strict";
import { Agent } from "node:http";
import { send } from "../test/client.ts";
import { build } from "./build.ts";
import { toldOf } from "./early/visit.ts";
import { joinLines, type Line, rangeText } from "./joined.ts";
import { writeDown } from "./page.ts";
import { table } from "./pairs/cell.ts";
import { quantile } from "./pairs/interval.ts";
import { TEXT } from "./peers/serve/app.ts";
import { eachServer, type PeerServer, PLAIN, peerServers } from "./peers/servers.ts";
import type { BenchOptions } from "./run.ts";
import { machine, versions } from "./versions.ts";

interface Plan {
  readonly rounds: number;
  /** How many servers work at a time. */
  readonly atOnce: number;
  /** How long a callback takes, in ms. */
  readonly busy: number;
  /** Pieces of the stream, one each 50 ms. */
  readonly pieces: number;
}

const FULL: Plan = { rounds: 3, atOnce: 1, busy: 500, pieces: 5 };
const SHORT: Plan = { rounds: 1, atOnce: 4, busy: 100, pieces: 2 };

/** What a callback does. */
type Act = "blocks" | "waits";
/** When the client had an answer, and the next one on its connection, in ms after it asked for it. */
type Times = Record<"text" | "next" | "stream", number[]>;

/** The middle time of an answer, and whether it was held up. */
interface Cell {
  readonly ms: number;
  readonly held: boolean;
}

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const plan = short ? SHORT : FULL;
  if (short) console.log("skipped: Next, in a short run");
  // The clock of workerd stands still while JavaScript runs: nothing blocks there for a time.
  const servers = peerServers(short).filter(({ name }) => name !== "workerd" && (!short || name !== "next"));
  const lines = await eachServer(servers, plan.atOnce, (server, { port }) => measure(server, port, plan));
  const names = ["@hono/node-server", "srvx", "h3", "bun", "deno", "next", "elysia", "on-finished"];
  const head = [
    "",
    "on",
    `blocks ${plan.busy} ms: text`,
    "next answer",
    "stream",
    `waits ${plan.busy} ms: text`,
    "next answer",
    "stream",
  ];
  const page = [
    `${versions(names)}, ${machine}; a stream alone takes ${plan.pieces * 50} ms; median of ${plan.rounds} rounds.`,
    "",
    table(
      head,
      joinLines(lines.flat(), ({ held }) => String(held), textOf),
    ),
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("last-byte", page);
}

async function measure({ text, ways, within }: PeerServer, port: number, plan: Plan): Promise<Line<Cell>[]> {
  const labels: Record<string, string> = { plain: PLAIN, ...ways, ...within };
  const none = (): Times => ({ text: [], next: [], stream: [] });
  const times = Object.keys(labels).map((way) => ({ way, blocks: none(), waits: none() }));
  const origin = `http://127.0.0.1:${port}`;
  // The first answer of a server costs more than the others.
  for (const { way } of times) await ask(origin, way, "waits", 0, plan.pieces, none());
  for (let round = 0; round < plan.rounds; round++) {
    for (const { way, blocks } of times) await ask(origin, way, "blocks", plan.busy, plan.pieces, blocks);
    await Promise.all(times.map(({ way, waits }) => ask(origin, way, "waits", plan.busy, plan.pieces, waits)));
    console.error(`${text}: round ${round + 1} of ${plan.rounds}`);
  }
  const cell = (values: number[], own: number): Cell => {
    const ms = Math.round(quantile(values, 0.5));
    return { ms, held: ms >= own + plan.busy / 2 };
  };
  return times.map(({ way, blocks, waits }) => ({
    way: labels[way] as string,
    server: text,
    cells: [blocks, waits].flatMap(({ text, next, stream }) => [
      cell(text, 0),
      cell(next, 0),
      cell(stream, plan.pieces * 50),
    ]),
  }));
}

function textOf(cells: readonly Cell[]): string {
  const text = rangeText(
    cells.map(({ ms }) => ms),
    "ms",
  );
  return cells[0]?.held ? `**${text}**` : text;
}

let asked = 0;

async function ask(origin: string, way: string, act: Act, busy: number, pieces: number, times: Times): Promise<void> {
  const answers = { text: TEXT, stream: "x".repeat(pieces * 1_000) };
  for (const content of ["text", "stream"] as const) {
    const id = `${way}-${asked++}`;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const path = `/${way}/${content}?pieces=${pieces}&${act}=${busy}&id=${id}`;
    times[content].push(await timeOf(new URL(path, origin), agent, answers[content]));
    if (content === "text") times.next.push(await timeOf(new URL("/plain/text?", origin), agent, TEXT));
    agent.destroy();
    const told = await toldOf(origin, id, way === "plain" ? 0 : 20_000);
    assert.equal(told.length, way === "plain" ? 0 : 1, `the callbacks of ${path}`);
  }
}

async function timeOf(url: URL, agent: Agent, expected: string): Promise<number> {
  const start = performance.now();
  const { status, readAll } = await send(url, { agent });
  const body = await readAll();
  const time = performance.now() - start;
  assert.deepEqual([status, String(body)], [200, expected], `the answer to ${url.pathname}`);
  return time;
}
