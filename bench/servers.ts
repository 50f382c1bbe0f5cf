// What a ResponseThen costs a server, for a small string: CPU time by that of the plain Response.
import { build } from "./build.ts";
import { writeDown } from "./page.ts";
import { Cells, ratioText, table, targetText } from "./pairs/cell.ts";
import { type Comparison, FULL, measurePair, type Plan, SHORT } from "./pairs/pair.ts";
import { startSide } from "./pairs/slot.ts";
import type { BenchOptions } from "./run.ts";
import type { Way } from "./servers/serve/answers.ts";
import { type Server, servers } from "./servers/server.ts";
import { strings } from "./servers/work.ts";
import { machine, versions } from "./versions.ts";

/** What each column compares. */
const COLUMNS: readonly (readonly [text: string, base: Way, way: Way])[] = [
  ["plain by plain", "plain", "plain"],
  ["adapter", "plain", "adapter"],
  ["adapter, async handler", "plain-async", "adapter-async"],
  ["alone", "plain", "alone"],
  ["a callback for all, plain response", "plain", "for-all"],
];

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const plan = short ? SHORT : FULL;
  const cells = new Cells("servers");
  const rows: string[][] = [];
  for (const server of servers) {
    const row = [server.text];
    for (const [text, base, way] of COLUMNS) {
      const interval = await cells.measure(`${server.name}, ${text}`, () =>
        measureString(server, base, way, plan, short ? 200 : server.requests),
      );
      row.push(way === base ? ratioText(interval) : targetText(interval, server.targets[way]));
    }
    rows.push(row);
  }
  const page = [
    `${versions(["@hono/node-server", "srvx", "bun", "deno", "workerd-newest"])}, ${machine}; ${cells.waited}.`,
    "",
    table(["", ...COLUMNS.map(([text]) => text)], rows),
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("servers", page);
}

/** What a small string costs in one way, by another one on the same server. */
export function measureString(server: Server, base: Way, way: Way, plan: Plan, requests: number): Promise<Comparison> {
  const side = (way: Way) => () => startSide(() => server.start("string", way), strings(requests)(way));
  return measurePair([side(base), side(way)], plan);
}
