// What one more callback costs where there are many, and one more response where many are open: both must be flat.
import { build } from "./build.ts";
import type { Grown } from "./growth/measure.ts";
import { median } from "./median.ts";
import { writeDown } from "./page.ts";
import type { Costs } from "./rounds.ts";
import type { BenchOptions } from "./run.ts";
import { runScript, runtimes } from "./runtimes.ts";
import { machine, versions } from "./versions.ts";

const CALLBACKS =
  "| | none | 1 callback | 10 | 100 | 1,000 | each of 10 | each of 100 | each of 1,000 |\n|---|---|---|---|---|---|---|---|---|";
const OPEN = "| | 1 open | 100 | 10,000 | 10,000 by 1 |\n|---|---|---|---|---|";

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  const [rounds, amount] = short ? ["1", "2000"] : ["11", "50000"];
  const callbacks: string[] = [];
  const open: string[] = [];
  for (const runtime of runtimes) {
    const script = new URL("./growth/measure.ts", import.meta.url);
    const grown = await runScript<Grown>(runtime, script, [runtime.name, rounds, amount]);
    callbacks.push(callbacksRow(runtime.name, grown.callbacks));
    open.push(openRow(runtime.name, grown.open));
  }
  const page = [
    `${versions(["bun", "deno"])}, ${machine}. CPU time, median of ${rounds} rounds of one alternating run on each ` +
      "runtime; indicative.",
    "",
    "A response with so many callbacks, built, read and called back; and what each callback adds to one with none.",
    "",
    CALLBACKS,
    ...callbacks,
    "",
    "A response with a stream, built, read and called back, when so many are open at once.",
    "",
    OPEN,
    ...open,
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("growth", page);
}

function callbacksRow(runtime: string, costs: Costs): string {
  const cost = (count: number) => median(costs[count] as number[]);
  const each = (count: number) => microseconds((cost(count) - cost(0)) / count);
  const cells = [
    runtime,
    ...[0, 1, 10, 100, 1_000].map((count) => microseconds(cost(count))),
    ...[10, 100, 1_000].map(each),
  ];
  return `| ${cells.join(" | ")} |`;
}

function openRow(runtime: string, costs: Costs): string {
  const [one, some, many] = [1, 100, 10_000].map((count) => median(costs[count] as number[])) as [
    number,
    number,
    number,
  ];
  return `| ${[runtime, ...[one, some, many].map(microseconds), (many / one).toFixed(2)].join(" | ")} |`;
}

function microseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString("en")} µs`;
}
