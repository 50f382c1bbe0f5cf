import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { type Gap, gaps } from "./gaps.ts";
import type { Way } from "./host.ts";
import { columnOf, updatePage } from "./support-page.ts";

const folder = new URL("../../reports/contract/", import.meta.url);

/** What a run saw of one host: by sentence, the words of its cell in docs/support.md. */
export type Cells = Readonly<Record<string, string>>;

/** The cells that the last run of a host has left; none where it was never run here. */
export function readCells(host: string): Cells {
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

  constructor(host: string) {
    this.#host = host;
  }

  /** A sentence was kept in a way, or is the gap that it was known to be. */
  add(sentence: string, way: Way, gap?: Gap): void {
    const ways = this.#seen.get(sentence) ?? new Map<Way, Gap | undefined>();
    this.#seen.set(sentence, ways.set(way, gap));
  }

  /** Leaves the cells in reports/contract; with UPDATE_DOCS=1 docs/support.md gets them, and otherwise must have them. */
  compare(): void {
    const cells: Cells = Object.fromEntries([...this.#seen].map(([sentence, ways]) => [sentence, cellOf(ways)]));
    mkdirSync(folder, { recursive: true });
    writeFileSync(fileOf(this.#host), JSON.stringify(cells, null, 2));
    if (process.env.UPDATE_DOCS === "1") updatePage(readCells);
    else expect(columnOf(this.#host), "docs/support.md: npm run support").toEqual(cells);
  }
}

function fileOf(host: string): URL {
  return new URL(`${encodeURIComponent(host)}.json`, folder);
}

function cellOf(ways: ReadonlyMap<Way, Gap | undefined>): string {
  const no = [...ways].filter(([, gap]) => gap);
  if (no.length === 0) return "yes";
  const notes = [...new Set(no.map(([, gap]) => `[^${gaps.indexOf(gap as Gap) + 1}]`))].join("");
  return no.length === ways.size && ways.size > 1 ? `no${notes}` : `${no.map(([way]) => way).join(", ")}: no${notes}`;
}
