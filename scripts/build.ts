// Compiles src and adapters to dist, one file per source, so that every class and WeakMap has one home for all entry
// points. TypeScript leaves "./x.ts" in declarations (microsoft/TypeScript#61037); there is no such file in dist.
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";

rmSync("dist", { recursive: true, force: true });
execFileSync("npx", ["--no-install", "tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });

for (const file of globSync("dist/**/*.d.ts")) {
  const text = readFileSync(file, "utf8");
  const imports = text.replace(/(from|import\()(\s*)"(\.{1,2}\/[^"]+)\.ts"/g, '$1$2"$3.js"');
  writeFileSync(file, withoutOverrides(withoutGenericBytes(imports)));
}

// What overrides a member of Response must be declared as its base does, and the DOM's types and Node's declare them each
// in their way: clone() as a method or a property, `headers` as an accessor or a property. Undeclared, they are inherited.
function withoutOverrides(declarations: string): string {
  const member =
    /\n *(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n *)?(?:clone\(\): Response|blob\(\): Promise<Blob>|get (?:headers|body|bodyUsed)\(\): .*);/g;
  return declarations.replace(member, "");
}

// Before TypeScript 5.7 the types of bytes take no parameter. What Uint8Array.of() gives is the same type with and without.
function withoutGenericBytes(declarations: string): string {
  return declarations
    .replaceAll("Uint8Array<ArrayBuffer>", "ReturnType<typeof Uint8Array.of>")
    .replaceAll("ArrayBufferView<ArrayBuffer>", "ArrayBufferView");
}
