import { median } from "../median.ts";
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

/** The middle moment of the rounds, by the true end; what is early, late by seconds, or never, is bold. */
export function momentCell(samples: readonly Sample[]): string {
  const moments = samples.flatMap(({ after }) => after ?? []);
  const missing = samples.length - moments.length;
  if (moments.length === 0) return "**never**";
  const moment = Math.round(median(moments));
  const text = moment < 0 ? `${count(-moment)} ms before` : `${count(moment)} ms after`;
  const cell = moment <= -EARLY ? `**${text}**` : text;
  const callbacks = Math.max(...samples.map(({ callbacks }) => callbacks));
  return [
    cell,
    missing > 0 && `**never in ${missing} of ${samples.length} rounds**`,
    callbacks > 1 && `**${callbacks} times**`,
  ]
    .filter((part) => part !== false)
    .join(", ");
}

/** The moment, and how much of `bytes` the client had read by then. */
export function progressCell(samples: readonly Sample[], bytes: number): string {
  const cell = momentCell(samples);
  if (samples.every(({ after }) => after === undefined)) return cell;
  const had = median(samples.filter(({ after }) => after !== undefined).map(({ had }) => had));
  return `${cell}, at ${(had / 1e6).toFixed(1)} of ${bytes / 1e6} MB`;
}

/** The moment, and what was told. */
export function wordCell(samples: readonly Sample[]): string {
  const cell = momentCell(samples);
  const words = new Set(samples.filter(({ after }) => after !== undefined).map(({ word }) => word));
  const told = [...words].map((word) => (word === "" ? "told nothing" : `told ${word}`));
  return [cell, ...told].join(", ");
}

function count(value: number): string {
  return value.toLocaleString("en");
}
