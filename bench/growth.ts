// How the cost of a response grows: with how many are in flight, with its callbacks, and with those that one request makes.
import { build } from "./build.ts";
import { writeDown } from "./page.ts";
import { Cells, ratioText, table } from "./pairs/cell.ts";
import type { Interval } from "./pairs/interval.ts";
import { measurePair, type Plan, SHORT, within } from "./pairs/pair.ts";
import { startCounted } from "./pairs/slot.ts";
import type { BenchOptions } from "./run.ts";
import { type Runtime, startScript } from "./runtimes.ts";
import { machine, versions } from "./versions.ts";

const PLAN: Plan = { warm: 2, pairs: 8, starts: [3, 6], narrow: within(0.03) };
const RUNTIMES: readonly Runtime[] = ["Node", "Bun", "Deno"];

/** What each row compares: the cost of one response, with `more` by with `few`. */
interface Row {
  readonly text: string;
  readonly kind: "plain" | "open" | "callbacks" | "scope";
  readonly few: number;
  readonly more: number;
}

const ROWS: readonly Row[] = [
  { text: "10 in flight, by 10", kind: "open", few: 10, more: 10 },
  { text: "1,000 in flight, by 10", kind: "open", few: 10, more: 1_000 },
  { text: "50,000 in flight, by 10", kind: "open", few: 10, more: 50_000 },
  { text: "plain ones, 1,000 in flight, by 10", kind: "plain", few: 10, more: 1_000 },
  { text: "plain ones, 50,000 in flight, by 10", kind: "plain", few: 10, more: 50_000 },
  { text: "10 callbacks, by 1", kind: "callbacks", few: 1, more: 10 },
  { text: "100 callbacks, by 1", kind: "callbacks", few: 1, more: 100 },
  { text: "10 sub-requests in one request, by 1", kind: "scope", few: 1, more: 10 },
  { text: "100 sub-requests in one request, by 1", kind: "scope", few: 1, more: 100 },
  { text: "1,000 sub-requests in one request, by 1", kind: "scope", few: 1, more: 1_000 },
];

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const cells = new Cells("growth");
  const rows: string[][] = [];
  for (const row of ROWS) {
    const texts = [row.text];
    for (const runtime of RUNTIMES) texts.push(text(row, await measure(row, runtime, cells, short)));
    rows.push(texts);
  }
  const page = [`${versions(["bun", "deno"])}, ${machine}; ${cells.waited}.`, "", table(["", ...RUNTIMES], rows)].join(
    "\n",
  );
  console.log(`\n${page}\n`);
  if (!short) writeDown("growth", page);
}

function measure({ text, kind, few, more }: Row, runtime: Runtime, cells: Cells, short: boolean): Promise<Interval> {
  // Responses of one slot, at least.
  const path = short ? "/500" : "/5000";
  const script = new URL("./growth/work.ts", import.meta.url);
  const side = (count: number) => () =>
    startCounted(() => startScript(runtime, script, [kind, String(short ? Math.min(count, 500) : count)]), path);
  return cells.measure(`${text}, ${runtime}`, () => measurePair([side(few), side(more)], short ? SHORT : PLAN));
}

/** With callbacks also what each after the first costs, by a response with one. */
function text({ kind, more }: Row, interval: Interval): string {
  if (kind !== "callbacks") return ratioText(interval);
  const each = ({ median }: Interval) => `${(((median - 1) / (more - 1)) * 100).toFixed(1)} %`;
  return `${ratioText(interval)}, ${each(interval)} each`;
}
