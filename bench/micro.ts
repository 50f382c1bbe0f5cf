// What the class costs by itself, without a server: time and allocated bytes, by those of the plain Response.
import { build } from "./build.ts";
import { installed, skip } from "./installed.ts";
import { median } from "./median.ts";
import type { Measured } from "./micro/measure.ts";
import { writeDown } from "./page.ts";
import type { BenchOptions } from "./run.ts";
import { runScript, runtimes } from "./runtimes.ts";
import { machine, versions } from "./versions.ts";

/** By the name of the work, as the table calls it. */
const TEXTS: Readonly<Record<string, string>> = {
  construct: "construct, with a string",
  read: "construct, and read the text",
  stream: "construct with a stream of 4 pieces, and read the text",
  onFinished: "construct, and `onFinished`",
  from: "`from` another response",
  clone: "construct, and `clone`",
};
const HEAD =
  "| | `Response` | `ResponseThen` | ratio | allocated: `Response` | `ResponseThen` |\n|---|---|---|---|---|---|";

export async function bench({ short }: BenchOptions): Promise<void> {
  if (!installed(short)) return skip("the bench micro: mitata");
  build(short);
  const rounds = short ? 1 : 31;
  const rows: string[] = [];
  for (const runtime of runtimes) {
    const script = new URL("./micro/measure.ts", import.meta.url);
    const measured = await runScript<Measured>(runtime, script, [runtime.name, String(rounds)]);
    rows.push(...Object.keys(TEXTS).map((work) => row(runtime.name, work, measured)));
  }
  const page = [
    `${versions(["bun", "deno", "mitata"])}, ${machine}. One of each, the median of ${rounds} rounds of one alternating ` +
      "run on each runtime; indicative. Where a `Response` has no such work, its construction stands for it.",
    "",
    HEAD,
    ...rows,
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("micro", page);
}

function row(runtime: string, work: string, { nanoseconds, bytes }: Measured): string {
  const plain = nanoseconds[`${work}/plain`] ? `${work}/plain` : "construct/plain";
  const ours = `${work}/ours`;
  const time = (values: readonly number[] = []) => `${(median(values) / 1e3).toFixed(2)} µs`;
  const size = (candidate: string) => (bytes ? `${Math.round(median(bytes[candidate] as number[]))} B` : "");
  const ratios = nanoseconds[ours]?.map((value, round) => value / (nanoseconds[plain]?.[round] as number)) ?? [];
  const cells = [
    `${runtime}: ${TEXTS[work]}`,
    time(nanoseconds[plain]),
    time(nanoseconds[ours]),
    median(ratios).toFixed(2),
    size(plain),
    size(ours),
  ];
  return `| ${cells.join(" | ")} |`;
}
