import { rangeText } from "../joined.ts";
import { quantile } from "../pairs/interval.ts";
import type { Told } from "../peers/serve/app.ts";
import type { Visit } from "./visit.ts";

/** What was told of one answer, by what its client saw. */
export interface Sample {
  /** How long after the true end the first callback ran, in ms; negative when before; nothing when none did. */
  readonly after: number | undefined;
  /** What it was told, "" for nothing. */
  readonly word: string;
  readonly callbacks: number;
  /** How many bytes the client had read by then. */
  readonly had: number;
}

/** Compares what was told of an answer with what its client saw. */
export function sampleOf(told: readonly Told[], { end, read }: Visit): Sample {
  const [first] = told;
  return {
    after: first && first.at - end,
    word: first?.word ?? "",
    callbacks: told.length,
    had: (first && read.findLast(([at]) => at <= first.at)?.[1]) ?? 0,
  };
}

/** From here on a callback is too early, in ms: less is what the clocks and the machine bring. */
const EARLY = 100;

/** What the rounds have in common. */
export interface Cell {
  /** The middle moment, by the true end, in ms; nothing where no callback ran. */
  readonly moment: number | undefined;
  /** Rounds without a callback, and the most callbacks of one. */
  readonly missing: number;
  readonly callbacks: number;
  readonly words: readonly string[];
  /** How many bytes the client had read by then, in the middle; nothing where that does not matter. */
  readonly had: number | undefined;
}

/** @param matters What matters beside the moment: how much the client had, or what was told. */
export function cellOf(samples: readonly Sample[], matters?: "had" | "word"): Cell {
  const ran = samples.filter(({ after }) => after !== undefined);
  const middle = (values: readonly number[]) => (values.length > 0 ? quantile(values, 0.5) : undefined);
  const moments = ran.map(({ after }) => Math.round(after as number));
  return {
    moment: middle(moments),
    missing: samples.length - ran.length,
    callbacks: Math.max(...samples.map(({ callbacks }) => callbacks)),
    words: matters === "word" ? [...new Set(ran.map(({ word }) => word))] : [],
    had: matters === "had" ? middle(ran.map(({ had }) => had)) : undefined,
  };
}

/** What must be the same for two cells to share a row. */
export function kindOf({ moment, missing, callbacks, words }: Cell): string {
  const when = moment === undefined ? "never" : moment <= -EARLY ? "early" : "at the end";
  return [when, moment !== undefined && missing, callbacks > 1 && callbacks, ...words].join();
}

/** Cells of one kind: when, and what was told; bold what is early, more than once, or never. */
export function textOf(cells: readonly Cell[]): string {
  const [{ missing, callbacks, words, moment: first } = {} as Cell] = cells;
  if (first === undefined) return "**never**";
  const moments = cells.map(({ moment }) => moment as number);
  const early = Math.max(...moments) <= -EARLY;
  const when = whenText(moments);
  const had = cells.flatMap(({ had }) => (had === undefined ? [] : had / 1e6));
  return [
    early ? `**${when}**` : when,
    early && had.length > 0 && `at ${rangeText(had, "MB", 1)}`,
    missing > 0 && `**never in ${missing} rounds**`,
    callbacks > 1 && `**${callbacks} times**`,
    ...words.map((word) => (word === "" ? "told nothing" : `told ${word}`)),
  ]
    .filter((part) => part !== false)
    .join(", ");
}

function whenText(moments: readonly number[]): string {
  const before = moments.filter((moment) => moment < 0).map((moment) => -moment);
  const after = moments.filter((moment) => moment >= 0);
  if (before.length === 0) return `${rangeText(after, "ms")} after`;
  if (after.length === 0) return `${rangeText(before, "ms")} before`;
  return `${Math.max(...before)} ms before to ${Math.max(...after)} ms after`;
}
