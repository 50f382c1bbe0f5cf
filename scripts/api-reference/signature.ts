// Signatures, as they stand in the sources: with the types, the defaults, and the formatting that are there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";

/** A source, parsed. */
export class Source {
  readonly #file: string;
  readonly #text: string;
  readonly #body: readonly Node[];

  constructor(file: string) {
    this.#file = file;
    this.#text = readFileSync(file, "utf8");
    const { program, errors } = parseSync(file, this.#text);
    if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
    this.#body = program.body as unknown as Node[];
  }

  /** The declaration of an export, without its body and without comments; the overloads of a function, if it has some. */
  of(name: string): string {
    const declarations = this.#named(name);
    const overloads = declarations.filter(({ body }) => !body);
    const shown = declarations.length > 1 ? overloads : declarations;
    return shown.map((node) => this.#signature(node)).join("\n");
  }

  /** The same of a member of a class. */
  ofMember(name: string, member: string, isStatic: boolean): string {
    const [node] = this.#named(name);
    const members = (node?.body as Node | undefined)?.body as readonly Node[];
    const found = members.filter((each) => (each.key as Node).name === member && each.static === isStatic);
    const overloads = found.filter(({ value }) => (value as Node | null)?.type === "TSEmptyBodyFunctionExpression");
    return (overloads.length > 0 ? overloads : found).map((each) => this.#memberSignature(each)).join("\n");
  }

  #named(name: string): Node[] {
    return this.#body
      .map((node) => (node.declaration as Node | undefined) ?? node)
      .filter((node) => nameOf(node) === name);
  }

  #signature(node: Node): string {
    const { type, id, body } = node as Node & { id: Node; body?: Node };
    if (type === "ClassDeclaration") return `class ${id.name} extends ${this.#baseOf(node)}`;
    if (type === "VariableDeclaration") {
      const [{ id }] = node.declarations as [{ id: Node }];
      return `const ${this.#text.slice(id.start, id.end)}`;
    }
    return withoutComments(
      this.#text.slice(node.start, type === "FunctionDeclaration" && body ? body.start : node.end),
    );
  }

  #memberSignature(member: Node): string {
    const value = member.value as Node | null;
    const annotation = member.typeAnnotation as Node | undefined;
    const body = value?.body as Node | undefined;
    const end = annotation?.end ?? body?.start ?? member.end;
    // Members stand two spaces in.
    return withoutComments(this.#text.slice(member.start, end).replaceAll("\n  ", "\n")).replace("override ", "");
  }

  /** The class that a user knows: bases of our own that are not exported are passed over. */
  #baseOf(node: Node): string {
    const { name } = node.superClass as Node & { name: string };
    for (const { type, source, specifiers } of this.#body) {
      if (type !== "ImportDeclaration") continue;
      const found = (specifiers as Node[]).find(({ local }) => (local as Node).name === name);
      if (!found) continue;
      const imported = (found.imported as Node).name as string;
      const file = join(this.#file, "..", (source as unknown as { value: string }).value);
      // An adapter's class extends the plain one of the same name.
      if (file.endsWith("index.ts")) return `${imported} // of response-then`;
      const other = new Source(file);
      return other.#baseOf(other.#named(imported)[0] as Node);
    }
    return name;
  }
}

/** What is used of all the kinds of nodes there are. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

function nameOf(node: Node): unknown {
  const { id } =
    node.type === "VariableDeclaration" ? (node.declarations as [{ id: Node }])[0] : (node as { id?: Node });
  return id?.name;
}

function withoutComments(code: string): string {
  return code
    .replace(/\n *(\/\*\*(?:(?!\*\/)[\s\S])*\*\/|\/\/.*)/g, "")
    .replace(/;$/, "")
    .trim();
}
