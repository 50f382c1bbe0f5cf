import { readdirSync, readFileSync } from "node:fs";

/** The files of the page, by their names. */
export type Files = Readonly<Record<string, string>>;

const folder = new URL("./page/", import.meta.url);

/** Reads them from the disk. A Worker has none, and gets them when it is bundled. */
export function readFiles(): Files {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), "utf8")]));
}
