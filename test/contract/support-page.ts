// The tables in docs/support.md: a row per sentence, a column per host.
import { readFileSync, writeFileSync } from "node:fs";
import { catalogue } from "./catalogue.ts";
import { gaps } from "./gaps.ts";
import { hosts } from "./hosts.ts";

const file = new URL("../../docs/support.md", import.meta.url);
const [OPEN, CLOSE] = ["<!-- contract -->\n", "\n<!-- /contract -->"];
const names: readonly string[] = Object.values(hosts).map(({ name }) => name);

/** The words of a host's cells, by sentence; what means nothing on it is missing. */
export type Column = Readonly<Record<string, string>>;

const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function render(columns: readonly Column[]): string {
  const sections = catalogue.map(({ title, inside, http }) =>
    [
      `### ${title}\n`,
      line(["", "after", ...names]),
      `|${"---|".repeat(names.length + 2)}`,
      ...[...inside, ...http].map(({ text, from }) =>
        line([text, from, ...columns.map((cells) => cells[text] ?? "–")]),
      ),
    ].join("\n"),
  );
  const notes = gaps.map(({ reason }, i) => `[^${i + 1}]: ${reason[0]?.toUpperCase()}${reason.slice(1)}.`);
  return [...sections, notes.join("\n")].join("\n\n");
}

function parts(): [before: string, tables: string, after: string] {
  const page = readFileSync(file, "utf8");
  const [before = "", rest = ""] = page.split(OPEN as string);
  const [tables = "", after] = rest.split(CLOSE as string);
  if (after === undefined) throw new Error("docs/support.md has lost its marks");
  return [before, tables, after];
}

/** What the page says of a host. */
export function columnOf(host: string): Column {
  const rows = parts()[1]
    .split("\n")
    .filter((row) => row.startsWith("| ") && !row.startsWith("|  |"));
  const index = names.indexOf(host) + 2;
  const cells = rows.map((row) => row.slice(2, -2).split(" | "));
  return Object.fromEntries(cells.filter((row) => row[index] !== "–").map((row) => [row[0], row[index] ?? ""]));
}

/** Writes the tables anew, of what the last run of each host saw. */
export function updatePage(cellsOf: (host: string) => Column): void {
  const [before, , after] = parts();
  writeFileSync(file, before + OPEN + render(names.map(cellsOf)) + CLOSE + after);
}

/** The tables as they are, and as they would be of the same cells now. */
export function tablesNow(): [seen: string, rendered: string] {
  return [parts()[1], render(names.map(columnOf))];
}
