import { median } from "./median.ts";
import type { Costs } from "./rounds.ts";

/** One line of a table of ratios. */
export interface Line {
  readonly text: string;
  readonly candidate: string;
  /** The candidate that the ratio is to; itself for the plain one. */
  readonly base: string;
  /** Upper limit that the ratio should keep. */
  readonly target?: number | undefined;
}

/** The head of a table of ratios. */
export const RATIO_HEAD = "| | ratio | target | lowest and highest round | per request |\n|---|---|---|---|---|";

/** The same with how many requests were answered in a second. */
export const SPEED_HEAD = `${RATIO_HEAD.replace("\n", " requests per second |\n")}---|`;

/**
 * A line as Markdown: the median of the rounds' ratios.
 *
 * @param costs In ms.
 * @param speeds Requests per second.
 */
export function ratioRow({ text, candidate, base, target }: Line, costs: Costs, speeds?: Costs): string {
  const own = costs[candidate] as number[];
  const ratios = own.map((cost, round) => cost / (costs[base]?.[round] as number));
  const cost = median(own);
  const cells = [
    text,
    median(ratios).toFixed(2),
    target === undefined ? "" : `at most ${target.toFixed(2)}`,
    candidate === base ? "" : `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    cost < 10 ? `${(cost * 1_000).toFixed(0)} µs` : `${cost.toFixed(0)} ms`,
    ...(speeds ? [Math.round(median(speeds[candidate] as number[])).toLocaleString("en")] : []),
  ];
  return `| ${cells.join(" | ")} |`;
}
