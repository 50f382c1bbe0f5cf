import type { Interval } from "./interval.ts";

/** Measures one cell of a table, and tells it when it is done. */
export async function measureCell(
  name: string,
  measure: () => Promise<Interval>,
  text: (interval: Interval) => string = ratioText,
): Promise<Interval> {
  const start = performance.now();
  const interval = await measure();
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.error(`${name}: ${text(interval)}, ${interval.count} pairs, ${seconds} s`);
  return interval;
}

/** A ratio as it is printed: the median, and its interval. */
export function ratioText({ median, low, high }: Interval): string {
  return `${median.toFixed(2)} [${low.toFixed(2)}–${high.toFixed(2)}]`;
}

/** The same with the most that the interval's upper end should be; bold where it is more. */
export function targetText(interval: Interval, target: number | undefined): string {
  const text = ratioText(interval);
  if (target === undefined) return text;
  return Number(interval.high.toFixed(2)) > target ? `**${text}** > ${target}` : `${text} ≤ ${target}`;
}

/** A table as Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}
