// The map of CONTRIBUTING.md, and that of src in docs/design.md, name every file and folder, and none that is gone.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./run.ts";

const MAPS: Readonly<Record<string, string>> = {
  src: "docs/design.md",
  adapters: "CONTRIBUTING.md",
  test: "CONTRIBUTING.md",
  scripts: "CONTRIBUTING.md",
  bench: "CONTRIBUTING.md",
  soak: "CONTRIBUTING.md",
  demo: "CONTRIBUTING.md",
};

test.for(Object.entries(MAPS))("every file and folder of %s has its row in %s", ([folder, page]) => {
  const named = namesOf(page, folder);
  const entries = entriesOf(folder).flatMap((entry) => {
    // A folder has one row, or one for each of its files.
    const files = entry.endsWith("/") ? entriesOf(join(folder, entry)).map((file) => entry + file) : [];
    return files.some((file) => named.includes(file)) ? files : [entry];
  });
  expect(named.toSorted()).toEqual(entries.toSorted());
});

function entriesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .filter((name) => !/^\.|^node_modules\/|\.json$|^README\.md$/.test(name));
}

/** What the first column of the table about a folder names. */
function namesOf(page: string, folder: string): string[] {
  const tables = readFileSync(join(root, page), "utf8").split("\n\n");
  const table = tables.find((text) => new RegExp(`^\\| (file )?in \`${folder}\` \\|`).test(text)) ?? "";
  const rows = table.split("\n").slice(2);
  return rows.flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name as string));
}
