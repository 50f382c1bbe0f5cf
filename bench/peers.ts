// What each way to learn that a response has ended costs its server: CPU time by that of the plain answer.
import assert from "node:assert/strict";
import { build } from "./build.ts";
import { load } from "./load.ts";
import { writeDown } from "./page.ts";
import { passes } from "./passes.ts";
import { eachServer, type PeerServer, PLAIN, peerServers } from "./peers/servers.ts";
import type { RunningServer } from "./process.ts";
import { ratioRow, SPEED_HEAD } from "./ratio.ts";
import { type Costs, measureInRounds } from "./rounds.ts";
import type { BenchOptions } from "./run.ts";
import { machine, versions } from "./versions.ts";

interface Plan {
  /** Requests of one measurement. */
  readonly requests: number;
  readonly rounds: number;
}

const FULL: Plan = { requests: 2_500, rounds: 15 };
const SHORT: Plan = { requests: 200, rounds: 1 };

const TEXT = "Hello, world";
/** What each way is compared with, where it is not the plain answer. */
const BASES: Readonly<Record<string, string>> = { handed: "plain-web" };
/** Their own servers are measured by the bench `servers`, and workerd by `cloudflare`. */
const ELSEWHERE = ["hono", "srvx", "bun", "deno", "workerd"];

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const plan = short ? SHORT : FULL;
  const servers = peerServers(short).filter(({ name }) => !ELSEWHERE.includes(name));
  const rows = await eachServer(servers, short ? 3 : 1, (server, running) => measure(server, running, plan));
  const page = [
    `${versions(["h3", "next", "elysia", "on-finished", "bun", "deno"])}, load by autocannon, ${machine}. CPU time of ` +
      "the server's process, median of the rounds of one alternating run; indicative.",
    "",
    SPEED_HEAD,
    ...rows.flat(),
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("peers", page);
}

async function measure(server: PeerServer, running: RunningServer, { requests, rounds }: Plan): Promise<string[]> {
  const { now } = running.clock;
  const origin = `http://127.0.0.1:${running.port}`;
  const bases = new Set(Object.keys(server.ways).map((way) => BASES[way] ?? "plain"));
  const labels: Record<string, string> = {
    ...(bases.has("plain") && { plain: PLAIN }),
    ...(bases.has("plain-web") && { "plain-web": `${PLAIN}, by a web \`Response\`` }),
    ...server.ways,
  };
  const ways = Object.keys(labels);
  const asked = Object.fromEntries(ways.map((way) => [way, 0]));
  const speeds: Costs = Object.fromEntries(ways.map((way) => [way, []]));
  const ask = (way: string, amount: number) => {
    asked[way] = (asked[way] ?? 0) + amount;
    return load(`${origin}/${way}/string`, TEXT, amount);
  };
  /** Each answer had its callback, and no more than one; the plain ones had none. */
  const check = async () => {
    const counted: Record<string, number> = await (await fetch(`${origin}/counted`)).json();
    for (const way of ways) {
      const expected = way.startsWith("plain") ? undefined : asked[way];
      assert.equal(counted[`/${way}/string`], expected, `the callbacks of ${server.text}: ${labels[way]}`);
    }
  };
  // Right before it is timed; and warm.
  for (const way of ways) await ask(way, requests);
  await passes(check);
  const costs = await measureInRounds(server.text, ways, rounds, async (way) => {
    // The garbage of the one before is gone, and the first answers, which cost more, are over.
    await ask(way, Math.ceil(requests / 10));
    const before = now();
    speeds[way]?.push(await ask(way, requests));
    return (now() - before) / requests;
  });
  await passes(check);
  return ways.map((way) => {
    const base = way.startsWith("plain") ? way : (BASES[way] ?? "plain");
    return ratioRow({ text: `${server.text}: ${labels[way]}`, candidate: way, base }, costs, speeds);
  });
}
