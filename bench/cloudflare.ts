// What a ResponseThen costs a Worker: CPU time of workerd by that of the plain Response, in one alternating run.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import process from "node:process";
import { newestWorkerd, startWorker } from "../test/hosts/workerd.ts";
import { clockOfChild } from "./cpu.ts";
import { writeDown } from "./page.ts";
import { passes } from "./passes.ts";
import { RATIO_HEAD, ratioRow } from "./ratio.ts";
import { measureInRounds } from "./rounds.ts";
import type { BenchOptions } from "./run.ts";
import { startUpstream } from "./upstream.ts";

/** One content, served in several ways; the first is the plain one. */
interface Content {
  readonly name: string;
  readonly text: string;
  readonly candidates: readonly string[];
  /** Upper limits that the ratios should keep. */
  readonly targets: Readonly<Record<string, number>>;
  /** Bytes of each answer. */
  readonly bytes: number;
  /** Requests of one measurement, and how many at once. */
  readonly requests: number;
  readonly connections: number;
  readonly rounds: number;
}

const LABELS: Readonly<Record<string, string>> = {
  plain: "plain `Response`",
  alone: "`ResponseThen` alone",
  wrapped: "`ResponseThen` under `withResponseThen`",
  folk: "`pipeThrough(new TransformStream())`",
};

const MB = 2 ** 20;

function contents(short: boolean): Content[] {
  const megabytes = short ? 4 : 256;
  return [
    {
      name: "native",
      text: `a \`fetch()\` body of ${megabytes} MB, passed on`,
      candidates: ["plain", "alone", "wrapped", "folk"],
      targets: { alone: 3, wrapped: 3 },
      bytes: megabytes * MB,
      requests: 1,
      connections: 1,
      rounds: short ? 1 : 5,
    },
    {
      name: "string",
      text: "a string of 12 bytes",
      candidates: ["plain", "alone", "wrapped"],
      targets: { alone: 2.2, wrapped: 1.3 },
      bytes: 12,
      requests: short ? 200 : 1_500,
      connections: 20,
      // Many short ones: what else the machine does falls on all candidates alike.
      rounds: short ? 1 : 40,
    },
  ];
}

export async function bench({ short }: BenchOptions): Promise<void> {
  const [native, string] = contents(short) as [Content, Content];
  const upstream = await startUpstream();
  const worker = await startWorker(new URL("./cloudflare-worker.ts", import.meta.url), {
    binary: newestWorkerd,
    flags: ["enable_request_signal"],
    bindings: { UPSTREAM: `${upstream.origin}/${native.bytes}` },
  });
  const clock = clockOfChild("workerd");
  if (clock.unit === "wall time") console.log("There is no /proc here: wall time is measured, not CPU time.");
  try {
    const rows = [];
    for (const content of [native, string]) rows.push(...(await measure(content, worker.port, clock.now)));
    const { version } = createRequire(import.meta.url)("workerd-newest/package.json");
    const page = [
      `workerd ${version} (flag \`enable_request_signal\`), load and upstream by Node ${process.versions.node}, ${process.platform} ${process.arch}, ${availableParallelism()} cores. ` +
        `${clock.unit} of the workerd process by that of the plain \`Response\`, median of the rounds of one alternating run; indicative.`,
      "",
      RATIO_HEAD,
      ...rows,
    ].join("\n");
    console.log(`\n${page}\n`);
    if (!short) writeDown("cloudflare", page);
  } finally {
    await worker.close();
    upstream.close();
  }
}

async function measure(content: Content, port: number, now: () => number): Promise<string[]> {
  const { name, text, candidates, targets, bytes, requests, connections, rounds } = content;
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sent: Record<string, number> = {};
  const load = async (candidate: string, count: number) => {
    const path = `/${name}/${candidate}`;
    sent[path] = (sent[path] ?? 0) + count;
    let left = count;
    const connection = async () => {
      while (left-- > 0) assert.equal(await readBytes(port, path, agent), bytes, `the bytes of ${path}`);
    };
    await Promise.all(Array.from({ length: connections }, connection));
  };
  /** Each answer had its callback, and no more than one. */
  const check = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/told`);
    const told = (await response.json()) as Record<string, { callbacks: number; bytes: number }>;
    for (const candidate of candidates.slice(1)) {
      const path = `/${name}/${candidate}`;
      const count = sent[path] as number;
      assert.deepEqual(told[path], { callbacks: count, bytes: count * bytes }, `the callbacks of ${path}`);
    }
  };

  // Right before it is timed; and warm.
  for (const candidate of candidates) await load(candidate, Math.ceil(requests / 4));
  await passes(check);
  const costs = await measureInRounds(text, candidates, rounds, async (candidate) => {
    const before = now();
    await load(candidate, requests);
    return (now() - before) / requests;
  });
  await passes(check);
  agent.destroy();

  return candidates.map((candidate) =>
    ratioRow({ text: `${text}: ${LABELS[candidate]}`, candidate, base: "plain", target: targets[candidate] }, costs),
  );
}

/** How many bytes the answer has. */
async function readBytes(port: number, path: string, agent: Agent): Promise<number> {
  const request = get({ host: "127.0.0.1", port, path, agent });
  const [message] = await once(request, "response");
  let bytes = 0;
  message.on("data", (data: Buffer) => {
    bytes += data.byteLength;
  });
  await once(message, "end");
  return bytes;
}
