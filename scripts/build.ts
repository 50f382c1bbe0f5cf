// Compiles src and adapters to dist, one file per source, so that every class and WeakMap has one home for all entry
// points. TypeScript leaves "./x.ts" in declarations (microsoft/TypeScript#61037); there is no such file in dist.
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
execFileSync("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });

for (const file of globSync("dist/**/*.d.ts")) {
  const text = readFileSync(file, "utf8");
  writeFileSync(file, withoutClone(text.replace(/(from|import\()(\s*)"(\.{1,2}\/[^"]+)\.ts"/g, '$1$2"$3.js"')));
}

// clone() is a method in the DOM's types and a property in those of Node, and what a class declares must be the same as
// in its base. Undeclared, it is inherited as it is there.
function withoutClone(declarations: string): string {
  return declarations.replace(/\n *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n *clone\(\): Response;/, "");
}
