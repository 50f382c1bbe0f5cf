import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Gap, gaps } from "./gaps.ts";
import type { Way } from "./host.ts";
import { type Column, columnOf, updatePage } from "./support-page.ts";

const folder = new URL("../../reports/contract/", import.meta.url);

/** The cells that the last run of a host has left; none where it was never run here. */
export function readCells(host: string): Column {
  try {
    return JSON.parse(readFileSync(fileOf(host), "utf8"));
  } catch {
    return {};
  }
}

/** Collects what a run sees of one host. */
export class Report {
  readonly #host: string;
  readonly #seen = new Map<string, Map<Way, Gap | undefined>>();
  readonly #failing = new Set<string>();

  constructor(host: string) {
    this.#host = host;
  }

  /** A sentence is tried in a way: until it is seen, it fails. */
  begin(sentence: string, way: Way): void {
    this.#failing.add(`${way}: ${sentence}`);
  }

  /** A sentence was kept in a way, or is the gap that it was known to be. */
  add(sentence: string, way: Way, gap?: Gap): void {
    const ways = this.#seen.get(sentence) ?? new Map<Way, Gap | undefined>();
    this.#seen.set(sentence, ways.set(way, gap));
    this.#failing.delete(`${way}: ${sentence}`);
  }

  /** Leaves the cells in reports/contract; with UPDATE_DOCS=1 docs/support.md gets them, and otherwise must have them. */
  compare(): void {
    const cells: Column = Object.fromEntries([...this.#seen].map(([sentence, ways]) => [sentence, cellOf(ways)]));
    mkdirSync(folder, { recursive: true });
    writeFileSync(fileOf(this.#host), JSON.stringify(cells, null, 2));
    if (process.env.UPDATE_DOCS === "1") {
      updatePage(readCells);
      return;
    }
    const failed = new Set([...this.#failing].map((check) => check.slice(check.indexOf(": ") + 2)));
    const wrong = differences(columnOf(this.#host), cells, failed);
    if (wrong.length === 0) return;
    const lines = wrong.map((line) => `  ${this.#host}, ${line}`);
    throw new Error(`docs/support.md is not what this run saw:\n${lines.join("\n")}\nnpm run support writes it anew`);
  }
}

/**
 * Each cell in which a page and a run differ, in words.
 *
 * @param failed The sentences whose own tests have failed, which tell it already.
 */
export function differences(page: Column, run: Column, failed: ReadonlySet<string> = new Set()): string[] {
  const rows = [...new Set([...Object.keys(page), ...Object.keys(run)])].filter((row) => !failed.has(row));
  return rows
    .filter((row) => page[row] !== run[row])
    .map((row) => `"${row}": the page says ${page[row] ?? "nothing"}, the run saw ${run[row] ?? "nothing"}`);
}

function fileOf(host: string): URL {
  return new URL(`${host.replaceAll(/\W+/g, "-")}.json`, folder);
}

function cellOf(ways: ReadonlyMap<Way, Gap | undefined>): string {
  const no = [...ways].filter(([, gap]) => gap);
  if (no.length === 0) return "yes";
  const notes = [...new Set(no.map(([, gap]) => `[^${gaps.indexOf(gap as Gap) + 1}]`))].join("");
  return no.length === ways.size && ways.size > 1 ? `no${notes}` : `${no.map(([way]) => way).join(", ")}: no${notes}`;
}
