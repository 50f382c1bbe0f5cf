import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../run.ts";

const page = readFileSync(join(root, "docs/recipes.md"), "utf8");

/** The program under a heading of docs/recipes.md. */
export function recipe(heading: string): string {
  const section = page.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  const program = section && /^```ts\n(.*?)^```$/ms.exec(section)?.[1];
  if (!program) throw new Error(`docs/recipes.md has no program under "${heading}"`);
  return program;
}
