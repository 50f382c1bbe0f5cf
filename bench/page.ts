import { readFileSync, writeFileSync } from "node:fs";

/** Puts a text between the markers `<!-- name -->` and `<!-- /name -->` of docs/benchmarks.md. */
export function writeDown(name: string, text: string): void {
  const file = new URL("../docs/benchmarks.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const [before, rest] = page.split(`<!-- ${name} -->\n`);
  const [, after] = rest?.split(`<!-- /${name} -->`) ?? [];
  if (after === undefined) throw new Error(`docs/benchmarks.md has no markers for "${name}"`);
  writeFileSync(file, `${before}<!-- ${name} -->\n${text}\n<!-- /${name} -->${after}`);
}
