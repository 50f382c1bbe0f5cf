// What docs/frameworks.md says of a framework: its row in the table, the reasons of its gaps, and the text of its sample.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Framework } from "./framework.ts";
import { versionOf } from "./install.ts";
import { type RowKey, rows } from "./rows.ts";

const file = new URL("../../../../docs/frameworks.md", import.meta.url);

/** The words of a framework's cells. */
export type Cells = ReadonlyMap<RowKey, string>;

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const HEAD = [line(["", ...rows.map(({ title }) => title)]), `|${"---|".repeat(rows.length + 1)}`];

/** The part of the page between `<!-- name -->` and `<!-- /name -->`, and what is around it. */
function part(page: string, name: string): [before: string, text: string, after: string] {
  const [before = "", rest = ""] = page.split(`<!-- ${name} -->\n`);
  const [text = "", after] = rest.split(`<!-- /${name} -->`);
  if (after === undefined) throw new Error(`docs/frameworks.md has no <!-- ${name} --> … <!-- /${name} -->`);
  return [before, text, after];
}

/** The page as it is, without what a framework's run has to say of it. */
export function readPage(): string {
  return readFileSync(file, "utf8");
}

export function writePage(page: string): void {
  writeFileSync(file, page);
}

/** The page with a framework's row, the reasons of its gaps and its sample. A cell that was not seen stays as it was. */
export function withFramework(page: string, framework: Framework, cells: Cells): string {
  return withSample(withRow(page, framework, cells), framework);
}

function withRow(page: string, framework: Framework, cells: Cells): string {
  const { name, folder, gaps = {} } = framework;
  const [before, text, after] = part(page, "endings");
  const anchor = anchorOf(name);
  const label = `[${name}](#${anchor})`;
  const isOwn = (row: string) => row.startsWith(`| ${label} `);
  const lines = text.split("\n");
  const old = lines.find(isOwn)?.slice(2, -2).split(" | ").slice(1);
  const note = (key: RowKey) => `[^${anchor}-${key}]`;
  const seen = rows.map(({ key }, i) => (gaps[key] ? `no${note(key)}` : (cells.get(key) ?? old?.[i] ?? "")));
  const own = line([`${label} ${versionOf(folder, framework.package)}`, ...seen]);
  const table = [...lines.filter((each) => each.startsWith("| [") && !isOwn(each)), own].sort(byWords);
  const isNote = (each: string) => rows.some(({ key }) => each.startsWith(`${note(key)}: `));
  const reasons = Object.entries(gaps).map(([key, reason]) => `${note(key as RowKey)}: ${reason}.`);
  const notes = [...lines.filter((each) => each.startsWith("[^") && !isNote(each)), ...reasons].sort(byWords);
  const written = [...HEAD, ...table, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
  return `${before}<!-- endings -->\n${written}\n<!-- /endings -->${after}`;
}

function withSample(page: string, { name, folder, sample }: Framework): string {
  const mark = `sample: ${name}`;
  const [before, , after] = part(page, mark);
  const blocks = Object.entries(sample).map(([place, path]) => {
    // Not "ts": the test of the docs would type-check it with the packages of the root. What builds it does.
    const language = path.endsWith(".ts") ? "typescript" : path.split(".").at(-1);
    return `${place}:\n\n\`\`\`${language}\n${readFileSync(join(folder, path), "utf8")}\`\`\`\n`;
  });
  return `${before}<!-- ${mark} -->\n${blocks.join("\n")}<!-- /${mark} -->${after}`;
}

/** The anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function byWords(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}
