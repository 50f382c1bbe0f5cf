// What a ResponseThen costs long bodies and bodies in small pieces: CPU time by that of the plain Response; and what an
// open one holds.
import { build } from "./build.ts";
import { writeDown } from "./page.ts";
import { Cells, ratioText, table, targetText } from "./pairs/cell.ts";
import { measurePair, type Plan, SHORT, within } from "./pairs/pair.ts";
import { startSide, type Work } from "./pairs/slot.ts";
import type { BenchOptions } from "./run.ts";
import type { Way } from "./servers/serve/answers.ts";
import { type Server, servers, workerd } from "./servers/server.ts";
import { pieces, stream } from "./servers/work.ts";
import { heldTable } from "./streams/held.ts";
import { startUpstream } from "./upstream.ts";
import { machine, versions } from "./versions.ts";

const MB = 2 ** 20;
const PLAN: Plan = { warm: 3, pairs: 10, starts: [3, 6], narrow: within(0.03) };

/** What every server is asked for, as its columns compare it. */
interface Content {
  readonly name: string;
  readonly work: (way: Way) => Work;
  readonly targets: Readonly<Record<string, number>>;
}

const COLUMNS: readonly (readonly [text: string, way: Way])[] = [
  ["plain by plain", "plain"],
  ["alone", "alone"],
  ["adapter", "adapter"],
];

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const plan = short ? SHORT : PLAN;
  const cells = new Cells("streams");
  const tables = [
    `200 MB in pieces of 64 KiB, on one connection${short ? " (4 MB in a short run)" : ""}.`,
    await contentTable(long(short), plan, cells),
    "1,000 pieces of 13 bytes.",
    await contentTable(tiny(short), plan, cells),
    "The body of a `fetch()`, 256 MB, passed on by a Worker.",
    await passedOnTable(short, plan, cells),
    "Memory of one open stream, above that of a plain one: the heap after a garbage collection, in kB.",
    await heldTable(short),
  ];
  const first = `${versions(["@hono/node-server", "srvx", "bun", "deno", "workerd-newest"])}, ${machine}; ${cells.waited}.`;
  const page = [first, ...tables].join("\n\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("streams", page);
}

function long(short: boolean): Content {
  const [name, megabytes] = short ? ["stream-4", 4] : ["stream-200", 200];
  const target = 1.05;
  return {
    name: name as string,
    work: stream((megabytes as number) * MB),
    targets: Object.fromEntries(servers.map((server) => [server.name, target])),
  };
}

function tiny(short: boolean): Content {
  return {
    name: "pieces",
    work: pieces(short ? 4 : 40),
    targets: { "node-server": 1.5, "node-server, native": 1.5, srvx: 1.5, deno: 1.5, bun: 2 },
  };
}

async function contentTable({ name, work, targets }: Content, plan: Plan, cells: Cells): Promise<string> {
  const rows: string[][] = [];
  for (const server of servers) {
    const side = (way: Way) => () => startSide(() => server.start(name, way), work(way));
    const row = [server.text];
    for (const [text, way] of COLUMNS) {
      const interval = await cells.measure(`${name}, ${server.name}, ${text}`, () =>
        measurePair([side("plain"), side(way)], plan),
      );
      row.push(way === "plain" ? ratioText(interval) : targetText(interval, targets[server.name]));
    }
    rows.push(row);
  }
  return table(["", ...COLUMNS.map(([text]) => text)], rows);
}

async function passedOnTable(short: boolean, plan: Plan, cells: Cells): Promise<string> {
  const bytes = (short ? 4 : 256) * MB;
  const upstream = await startUpstream();
  const env = { UPSTREAM: `${upstream.origin}/${bytes}` };
  const server: Server = workerd;
  const side = (way: Way) => () => startSide(() => server.start("upstream", way, env), stream(bytes)(way));
  // It takes seconds for one body.
  const few: Plan = short ? plan : { ...plan, warm: 1, pairs: 3, starts: [3, 3] };
  const columns = [...COLUMNS, ["a `TransformStream`", "transform"] as const];
  try {
    const row = [server.text];
    for (const [text, way] of columns) {
      const interval = await cells.measure(`fetch() body, ${server.name}, ${text}`, () =>
        measurePair([side("plain"), side(way)], way === "transform" ? few : plan),
      );
      row.push(way === "plain" || way === "transform" ? ratioText(interval) : targetText(interval, 2.5));
    }
    return table(["", ...columns.map(([text]) => text)], [row]);
  } finally {
    upstream.close();
  }
}
