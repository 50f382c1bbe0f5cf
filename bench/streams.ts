// What a ResponseThen costs long bodies: throughput, CPU time, memory, and how far the source runs ahead of its reader.
import { build } from "./build.ts";
import { median } from "./median.ts";
import { writeDown } from "./page.ts";
import type { RunningServer } from "./process.ts";
import { RATIO_HEAD, ratioRow } from "./ratio.ts";
import { type Costs, measureInRounds } from "./rounds.ts";
import type { BenchOptions } from "./run.ts";
import { Client } from "./servers/client.ts";
import { type Server, servers, withServer } from "./servers/server.ts";
import { measureAhead } from "./streams/ahead.ts";
import { peakOf } from "./streams/memory.ts";
import { startUpstream } from "./upstream.ts";
import { machine, versions } from "./versions.ts";

/** One content, and a smaller one of the same kind to warm up with. */
interface Content {
  readonly name: string;
  readonly text: string;
  readonly bytes: number;
  readonly warm: Pick<Content, "name" | "bytes">;
}

const MB = 2 ** 20;
const SMALL: readonly Content[] = [
  { name: "stream-4", text: "4 MB in pieces of 64 KiB", bytes: 4 * MB },
  { name: "pieces-1000", text: "1,000 pieces of 20 bytes", bytes: 20_000 },
  { name: "upstream-4", text: "a `fetch()` body of 4 MB, passed on", bytes: 4 * MB },
].map((content) => ({ ...content, warm: content }));
const LARGE: readonly Content[] = [
  { name: "stream-256", text: "256 MB in pieces of 64 KiB", bytes: 256 * MB },
  { name: "pieces-10000", text: "10,000 pieces of 20 bytes", bytes: 200_000 },
  { name: "upstream-256", text: "a `fetch()` body of 256 MB, passed on", bytes: 256 * MB },
].map((content, index) => ({ ...content, warm: SMALL[index] as Content }));

const WAYS: Readonly<Record<string, string>> = {
  plain: "plain `Response`",
  alone: "`ResponseThen` alone",
  wrapped: "`ResponseThen` under the adapter",
  folk: "`pipeThrough(new TransformStream())`",
};

const SPEED = `${RATIO_HEAD.replace("\n", " MB per second |\n")}---|`;
const HELD = "| | most resident memory | source runs ahead by |\n|---|---|---|";

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const contents = short ? SMALL : LARGE;
  const rounds = short ? 1 : 11;
  const upstream = await startUpstream();
  const env = { UPSTREAM: upstream.origin };
  const speed: string[][] = contents.map(() => []);
  const held: string[] = [];
  try {
    for (const server of servers) {
      const measureSpeed = async (running: RunningServer) => {
        for (const [index, content] of contents.entries()) {
          speed[index]?.push(...(await measure(server, running, content, rounds)));
        }
      };
      await withServer(server, measureSpeed, env);
      const hold = (way: string) => measureHeld(server, way, contents[0] as Content, short ? 1 : 3);
      if (short) held.push(...(await Promise.all(Object.keys(WAYS).map(hold))));
      else for (const way of Object.keys(WAYS)) held.push(await hold(way));
      console.error(`${server.name}, memory: done`);
    }
  } finally {
    upstream.close();
  }
  const page = [
    `${versions(["@hono/node-server", "srvx", "bun", "deno"])}, ${machine}, one connection. CPU time of the server's ` +
      "process by that of the plain `Response`, median of the rounds of one alternating run; indicative.",
    ...contents.flatMap(({ text }, index) => ["", `${sentence(text)}.`, "", SPEED, ...(speed[index] as string[])]),
    "",
    `Memory that the server's process has at most while it answers with ${contents[0]?.text}, each in a process of its ` +
      "own; and what the source of an endless body is asked for beyond the 64 KiB that its client reads before it stops.",
    "",
    HELD,
    ...held,
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("streams", page);
}

async function measure(server: Server, running: RunningServer, content: Content, rounds: number): Promise<string[]> {
  const { name, text, bytes, warm } = content;
  const client = new Client(running.port);
  const { now } = running.clock;
  const ways = Object.keys(WAYS);
  const speeds: Costs = Object.fromEntries(ways.map((way) => [way, []]));
  // Right before it is timed; and warm.
  for (const way of ways) await client.stream(`/${name}/${way}`, bytes);
  await client.assertTold();
  const costs = await measureInRounds(`${server.name}, ${text}`, ways, rounds, async (way) => {
    // The garbage of the one before is gone.
    await client.stream(`/${warm.name}/${way}`, warm.bytes);
    const [before, start] = [now(), performance.now()];
    await client.stream(`/${name}/${way}`, bytes);
    speeds[way]?.push(bytes / 1e3 / (performance.now() - start));
    return now() - before;
  });
  await client.assertTold();
  return ways.map((way) =>
    ratioRow({ text: `${server.text}: ${WAYS[way]}`, candidate: way, base: "plain" }, costs, speeds),
  );
}

async function measureHeld(server: Server, way: string, content: Content, rounds: number): Promise<string> {
  const peaks: number[] = [];
  const aheads: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await withServer(server, async ({ port, pid }) => {
      const client = new Client(port);
      const peak = peakOf(pid);
      await client.stream(`/${content.warm.name}/${way}`, content.warm.bytes);
      peak.reset();
      await client.stream(`/${content.name}/${way}`, content.bytes);
      peaks.push(peak.read() ?? Number.NaN);
      aheads.push(await measureAhead(`http://127.0.0.1:${port}`, way));
    });
  }
  const megabytes = (values: number[]) => `${(median(values) / 1e6).toFixed(1)} MB`;
  return `| ${[`${server.text}: ${WAYS[way]}`, megabytes(peaks), megabytes(aheads)].join(" | ")} |`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
