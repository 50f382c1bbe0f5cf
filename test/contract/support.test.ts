// What the table of the contract promises of itself. That its cells are what was seen each host's own run holds.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { catalogue, inside, sentences } from "./catalogue.ts";
import { gaps } from "./gaps.ts";
import type { Host, Way } from "./host.ts";
import { hosts } from "./hosts.ts";
import { differences } from "./report.ts";
import { tablesNow } from "./support-page.ts";

const texts = [...inside, ...sentences].map(({ text }) => text);
const all: readonly Host[] = Object.values(hosts);

test("there are eighty sentences at the least, no two of them the same", () => {
  expect(texts.length).toBeGreaterThanOrEqual(80);
  expect(new Set(texts).size).toBe(texts.length);
});

test("each sentence says whose promise it is", () => {
  const nobodys = [...inside, ...sentences].filter(({ from }) => from === "");
  expect(nobodys).toEqual([]);
  for (const { title, inside, http } of catalogue)
    expect([title, inside.length + http.length > 0]).toEqual([title, true]);
});

test("each gap is of a sentence and a host that there are, in a way that the host has, and no two are the same", () => {
  const unknown = gaps.flatMap((gap) => [
    ...gap.sentences.filter((text) => !texts.includes(text)),
    ...gap.hosts.filter((name) => !all.some((host) => host.name === name)),
  ]);
  expect(unknown).toEqual([]);
  const keys = gaps.flatMap(({ sentences, hosts, ways }) =>
    all
      .filter(({ name }) => hosts.includes(name))
      .flatMap((host) => (ways ?? (Object.keys(host.ways) as Way[])).map((way) => `${host.name}, ${way}`))
      .flatMap((where) => sentences.map((text) => `${where}: ${text}`)),
  );
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([]);
});

test("docs/support.md has a row for each sentence and a column for each host, and each gap's reason", () => {
  const [seen, rendered] = tablesNow().map((tables) => tables.split("\n"));
  const without = (lines: string[] = [], others: string[] = []) => lines.filter((line) => !others.includes(line));
  expect(without(rendered, seen), "lines that it has not: npm run support").toEqual([]);
  expect(without(seen, rendered), "lines that nobody writes any more: npm run support").toEqual([]);
});

test("docs/support.md has no cell that was never seen", () => {
  const [seen] = tablesNow();
  const rows = seen.split("\n").filter((row) => row.startsWith("| "));
  for (const text of texts)
    expect(rows.filter((row) => row.startsWith(`| ${text} |`) && row.includes("| yes"))).toHaveLength(1);
});

test("a cell that a run saw otherwise is told by its row, with what the page says and what was seen", () => {
  const page = { "204 ends": "yes", "304 ends": "yes", "it throws": "yes", "only there": "alone: no[^1]" };
  const run = { "204 ends": "yes", "304 ends": "no[^2]", "only seen": "yes" };
  expect(differences(page, run, new Set(["it throws"]))).toEqual([
    '"304 ends": the page says yes, the run saw no[^2]',
    '"only there": the page says alone: no[^1], the run saw nothing',
    '"only seen": the page says nothing, the run saw yes',
  ]);
});

test("no host is told anything by the garbage collector: each replaces the registry", () => {
  const folder = join(import.meta.dirname, "serve");
  // handed.ts is what two of them answer with.
  const files = globSync("*.ts", { cwd: folder }).filter((file) => file !== "handed.ts");
  expect(files.filter((file) => !readFileSync(join(folder, file), "utf8").includes("/uncollected.ts"))).toEqual([]);
});
