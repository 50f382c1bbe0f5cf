// What `deno doc` says of the exports: it parses docstrings and follows re-exports.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface Tag {
  readonly kind: string;
  readonly name?: string;
  readonly doc?: string;
  readonly tsType?: { readonly repr: string };
}

/** A docstring. */
export interface Doc {
  readonly doc?: string;
  readonly tags?: readonly Tag[];
}

/** What has a name and a docstring: an export, or a member of one. */
export interface Documented {
  readonly name: string;
  /** "class", "interface", "function", "variable" or "typeAlias". */
  readonly kind: string;
  readonly doc: Doc;
  /** The source that it is declared in. */
  readonly file: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly isStatic: boolean;
  readonly doc: Doc;
}

/** What one import path exports. */
export interface Entry {
  /** As it is imported. */
  readonly path: string;
  readonly doc: Doc;
  readonly exports: readonly Documented[];
  /** Names that another entry exports, and this one too. */
  readonly also: readonly string[];
}

interface DenoMember {
  readonly name?: string;
  readonly isStatic?: boolean;
  readonly accessibility?: string;
  readonly jsDoc?: Doc;
}

interface DenoDeclaration {
  readonly kind: string;
  readonly declarationKind: string;
  readonly jsDoc?: Doc;
  readonly location: { readonly filename: string };
  readonly def: Partial<Record<"constructors" | "properties" | "methods", readonly DenoMember[]>>;
}

interface DenoModule {
  readonly module_doc?: Doc;
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly DenoDeclaration[] }[];
}

/** The entries of deno.json, whose import paths are those of package.json, by name. */
export function entriesOf(root: string): Entry[] {
  const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as { exports: Record<string, string> };
  const deno = join(root, "node_modules/.bin/deno");
  const args = ["doc", "--json", ...Object.values(exports)];
  const printed = execFileSync(deno, args, { cwd: root, encoding: "utf8", stdio: "pipe", maxBuffer: 2 ** 26 });
  const { nodes } = JSON.parse(printed) as { nodes: Record<string, DenoModule> };
  return Object.entries(exports)
    .sort(byName)
    .map(([subpath, source]) => {
      const module = nodes[pathToFileURL(join(root, source)).href];
      if (!module) throw new Error(`deno doc says nothing of ${source}`);
      const own = module.symbols.filter(({ declarations: [first] }) => first?.declarationKind === "export");
      const isReference = ({ declarations: [first] }: (typeof own)[number]) => first?.kind === "reference";
      return {
        path: `response-then${subpath.slice(1)}`,
        doc: module.module_doc ?? {},
        exports: own.filter((symbol) => !isReference(symbol)).map(toDocumented),
        also: own.filter(isReference).map(({ name }) => name),
      };
    });
}

function byName([one]: [string, string], [other]: [string, string]): number {
  return one < other ? -1 : 1;
}

function toDocumented({ name, declarations }: DenoModule["symbols"][number]): Documented {
  const [first] = declarations as [DenoDeclaration];
  const { constructors = [], properties = [], methods = [] } = first.def;
  const members = [...constructors.map((each) => ({ ...each, name: "constructor" })), ...properties, ...methods];
  return {
    name,
    kind: first.kind,
    doc: declarations.find(({ jsDoc }) => jsDoc)?.jsDoc ?? {},
    file: fileURLToPath(first.location.filename),
    members: members
      .filter(({ accessibility, name }) => accessibility === undefined && name)
      .map(({ name = "", isStatic = false, jsDoc = {} }) => ({ name, isStatic, doc: jsDoc })),
  };
}
