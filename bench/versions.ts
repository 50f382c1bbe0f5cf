import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";

/** Node's version, and those of packages, of the benches' own or of the project. */
export function versions(names: readonly string[]): string {
  return [`node ${process.versions.node}`, ...names.map(versionOf)].join(", ");
}

/** The shape of the machine. */
export const machine: string = `${process.platform} ${process.arch}, ${availableParallelism()} cores`;

function versionOf(name: string): string {
  for (const folder of [".", ".."]) {
    try {
      const manifest = new URL(`${folder}/node_modules/${name}/package.json`, import.meta.url);
      return `${name.replace("-newest", "")} ${JSON.parse(readFileSync(manifest, "utf8")).version}`;
    } catch {
      // In the other one.
    }
  }
  return `${name}, not installed`;
}
