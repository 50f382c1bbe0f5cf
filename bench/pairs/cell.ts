import { type Interval, quantile } from "./interval.ts";
import type { Comparison } from "./pair.ts";

/** The cells of one table, measured one after the other. */
export class Cells {
  readonly #table: string;
  readonly #waited: number[] = [];

  constructor(table: string) {
    this.#table = table;
  }

  /** Measures one, and tells it when it is done. */
  async measure(
    name: string,
    measure: () => Promise<Comparison>,
    text: (interval: Interval) => string = ratioText,
  ): Promise<Interval> {
    const start = performance.now();
    const { waited, ...interval } = await measure();
    this.#waited.push(waited);
    const seconds = ((performance.now() - start) / 1_000).toFixed(0);
    const others = `${(waited * 100).toFixed(0)} % waited`;
    console.error(`${this.#table}: ${name}: ${text(interval)}, ${interval.count} pairs, ${others}, ${seconds} s`);
    return interval;
  }

  /** How busy the machine was with other things: the time that the processes waited for a processor. */
  get waited(): string {
    const share = (part: number) => `${(quantile(this.#waited, part) * 100).toFixed(0)}`;
    return `the processes waited for a processor for ${share(0)} to ${share(1)} % of the time that they ran`;
  }
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
