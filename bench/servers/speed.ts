import assert from "node:assert/strict";
import type { RunningServer } from "../process.ts";
import { ratioRow } from "../ratio.ts";
import { type Costs, measureInRounds } from "../rounds.ts";
import type { Client } from "./client.ts";
import type { Server } from "./server.ts";

/** How a content is answered, what it is compared with, and what it may cost at most. */
interface Candidate {
  readonly text: string;
  readonly base: string;
  readonly target?: number;
}

type Candidates = Readonly<Record<string, Candidate>>;

/** A server at work, and how much it is asked for. */
export interface Work {
  readonly server: Server;
  readonly running: RunningServer;
  readonly client: Client;
  /** Requests of one measurement. */
  readonly requests: number;
  readonly rounds: number;
}

/** The lines of the table for a small string. */
export async function measureStrings(work: Work): Promise<string[]> {
  const { server, client, requests } = work;
  const candidates: Candidates = {
    plain: { text: "plain `Response`", base: "plain" },
    alone: { text: "`ResponseThen` alone", base: "plain", target: server.alone },
    wrapped: { text: "`ResponseThen` under the adapter", base: "plain", target: 1.1 },
    folk: { text: "`pipeThrough(new TransformStream())`", base: "plain" },
    "plain-async": { text: "plain `Response`, async handler", base: "plain-async" },
    "wrapped-async": { text: "`ResponseThen` under the adapter, async handler", base: "plain-async", target: 1.1 },
  };
  const head = await client.head("/string/plain");
  for (const candidate of ["alone", "wrapped", "plain-async", "wrapped-async"]) {
    assert.deepEqual(await client.head(`/string/${candidate}`), head, `the head of /string/${candidate}`);
  }
  return measure("a string", candidates, work, (candidate, share) =>
    client.texts(`/string/${candidate}`, Math.ceil(requests * share)),
  );
}

/** The lines of the table for a long stream. */
export async function measureStreams(work: Work, megabytes: number): Promise<string[]> {
  const { client, requests } = work;
  const candidates: Candidates = {
    plain: { text: "plain `Response`", base: "plain" },
    alone: { text: "`ResponseThen` alone", base: "plain", target: 1.05 },
    wrapped: { text: "`ResponseThen` under the adapter", base: "plain", target: 1.05 },
  };
  return measure(`a stream of ${megabytes} MB`, candidates, work, async (candidate, share) => {
    for (let i = 0; i < requests * share; i++)
      await client.stream(`/stream-${megabytes}/${candidate}`, megabytes * 2 ** 20);
  });
}

async function measure(
  content: string,
  candidates: Candidates,
  { server, running, client, requests, rounds }: Work,
  load: (candidate: string, share: number) => Promise<unknown>,
): Promise<string[]> {
  const { now } = running.clock;
  const names = Object.keys(candidates);
  // Right before it is timed; and warm.
  for (const candidate of names) await load(candidate, 1);
  await client.assertTold();
  const speeds: Costs = Object.fromEntries(names.map((name) => [name, []]));
  const costs = await measureInRounds(`${server.name}, ${content}`, names, rounds, async (candidate) => {
    // The garbage of the one before is gone, and the first answers, which cost more, are over.
    await load(candidate, 0.1);
    const before = now();
    const perSecond = await load(candidate, 1);
    if (typeof perSecond === "number") speeds[candidate]?.push(perSecond);
    return (now() - before) / requests;
  });
  await client.assertTold();
  return Object.entries(candidates).map(([candidate, { text, base, target }]) =>
    ratioRow(
      { text: `${server.text}: ${text}`, candidate, base, target },
      costs,
      speeds.plain?.length ? speeds : undefined,
    ),
  );
}
