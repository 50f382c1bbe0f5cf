import { readFileSync } from "node:fs";
import { parseSync, Visitor } from "vite";

/** An import as it is written in a source file: an `import`, an `export … from`, an `import()` or an `import("…")` type. */
export interface Import {
  readonly specifier: string;
  /** Erased by the compiler. `import { type A } from` is not: with verbatimModuleSyntax an `import {} from` stays. */
  readonly typeOnly: boolean;
}

/** Everything that a JavaScript file, a TypeScript file or a declaration file imports, in the order of its text. */
export function importsOf(file: string): Import[] {
  const imports: Import[] = [];
  const add = (source: unknown, typeOnly: boolean) => {
    // A specifier that is computed has no value.
    const { value } = source as { value?: unknown };
    imports.push({ specifier: typeof value === "string" ? value : "(computed)", typeOnly });
  };
  const { program, errors } = parseSync(file, readFileSync(file, "utf8"));
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  new Visitor({
    ImportDeclaration: (node) => add(node.source, node.importKind === "type"),
    ExportNamedDeclaration: (node) => node.source && add(node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => add(node.source, node.exportKind === "type"),
    ImportExpression: (node) => add(node.source, false),
    TSImportType: (node) => add(node.source, true),
    TSExternalModuleReference: (node) => add(node.expression, false),
  }).visit(program);
  return imports;
}
