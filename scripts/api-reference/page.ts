// The page: an import path after the other, with its functions and classes first and then its types.
import type { Doc, Documented, Entry, Member, Tag } from "./documented.ts";
import { entriesOf } from "./documented.ts";
import { Source } from "./signature.ts";
import { Slugs } from "./slug.ts";

const HEAD = `# API reference

<!-- Written by \`npm run docs\` from the docstrings of the sources. -->

Every export of every import path. What a response, an outcome and the four moments are: [concepts.md](concepts.md). Which import path is for which platform: [platforms.md](platforms.md).
`;

/** The whole of docs/api.md for a repository. */
export function apiReference(root: string): string {
  return new Page(entriesOf(root)).text();
}

class Page {
  readonly #entries: readonly Entry[];
  readonly #sources = new Map<string, Source>();
  readonly #anchors = new Map<Entry | Documented, string>();

  constructor(entries: readonly Entry[]) {
    this.#entries = entries.map((entry) => ({ ...entry, exports: [...entry.exports].sort(inOrder) }));
    const slugs = new Slugs();
    slugs.of("API reference");
    for (const entry of this.#entries) {
      this.#anchors.set(entry, slugs.of(entry.path));
      for (const each of entry.exports) {
        this.#anchors.set(each, slugs.of(each.name));
        if (each.kind === "class")
          for (const [member] of groupByName(each.members)) slugs.of(titleOf(each.name, member));
      }
    }
  }

  text(): string {
    const contents = this.#entries.map((entry) => {
      const links = entry.exports.map((each) => this.#link(each.name, entry));
      return `- [\`${entry.path}\`](#${this.#anchors.get(entry)}): ${links.join(", ")}`;
    });
    const text = [HEAD, contents.join("\n"), ...this.#entries.map((entry) => this.#entry(entry))].join("\n\n");
    return `${text.replace(/\n{3,}/g, "\n\n").trim()}\n`;
  }

  #entry(entry: Entry): string {
    const also = this.#also(entry);
    const exports = entry.exports.map((each) => this.#export(each, entry));
    return [`## ${entry.path}`, this.#prose(entry.doc.doc, entry), also, ...exports].join("\n\n");
  }

  /** What an entry exports of others: all of the first, and single names. */
  #also(entry: Entry): string {
    const [core] = this.#entries as [Entry, ...Entry[]];
    // The class of a platform stands in the place of the plain one.
    const isAll = core.exports.every(({ name }) => [...entry.also, "ResponseThen"].includes(name));
    const single = entry.also.filter((name) => !isAll || !core.exports.some((each) => each.name === name));
    const all = isAll ? [`all of [\`${core.path}\`](#${this.#anchors.get(core)})`] : [];
    const parts = [...all, ...single.sort().map((name) => this.#link(name, entry))];
    return parts.length > 0 ? `Exports ${parts.join(", ")} too.` : "";
  }

  #export(each: Documented, entry: Entry): string {
    const { name, kind, doc, file } = each;
    const source = this.#source(file);
    const members =
      kind === "class"
        ? groupByName(each.members).map(([first, ...more]) => {
            const signature = code(source.ofMember(name, first.name, first.isStatic));
            const heading = `#### ${titleOf(name, first)}`;
            return [heading, signature, ...[first, ...more].map((member) => this.#doc(member.doc, entry))].join("\n\n");
          })
        : [each.members.map((member) => this.#member(member, entry)).join("\n")];
    return [`### ${name}`, code(source.of(name)), this.#doc(doc, entry), ...members].join("\n\n");
  }

  #member({ name, doc }: Member, entry: Entry): string {
    return `- \`${name}\`: ${indented(this.#doc(doc, entry))}`;
  }

  #doc({ doc, tags = [] }: Doc, entry: Entry): string {
    const named = tags.filter(({ kind, doc }) => kind === "param" && doc);
    const params = named.map((tag) => `- \`${tag.name}\`: ${indented(this.#prose(tag.doc, entry))}`);
    const rest = tags.map((tag) => this.#tag(tag, entry));
    return [this.#prose(doc, entry), params.join("\n"), ...rest].filter((part) => part !== "").join("\n\n");
  }

  #tag({ kind, tsType, doc = "" }: Tag, entry: Entry): string {
    if (kind === "return") return `Returns: ${this.#prose(doc, entry)}`;
    if (kind === "throws") return `Throws \`${tsType?.repr}\` ${this.#prose(doc, entry)}`.replaceAll(" | ", "` or `");
    if (kind !== "example") return "";
    const [title = "", ...lines] = doc.trim().split("\n");
    return title.startsWith("```") ? doc.trim() : `${title}:\n\n${lines.join("\n")}`;
  }

  #prose(text: string | undefined, entry: Entry): string {
    return (text ?? "").trim().replace(/\{@linkcode (\w+)\}/g, (_, name) => this.#link(name, entry));
  }

  /** A name, linked to where it is explained: by the same entry, or by the first that exports it. */
  #link(name: string, entry: Entry): string {
    for (const { exports } of [entry, ...this.#entries]) {
      const found = exports.find((each) => each.name === name);
      if (found) return `[\`${name}\`](#${this.#anchors.get(found)})`;
    }
    throw new Error(`${entry.path}: nothing is called ${name}`);
  }

  #source(file: string): Source {
    const source = this.#sources.get(file) ?? new Source(file);
    this.#sources.set(file, source);
    return source;
  }
}

const KINDS = ["class", "function", "variable"];

/** What can be called first, the class before all; then the types, by name. */
function inOrder(one: Documented, other: Documented): number {
  const rank = ({ kind }: Documented) => (KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length);
  return rank(one) - rank(other) || (one.name < other.name ? -1 : 1);
}

/** Overloads come one after the other. */
function groupByName(members: readonly Member[]): [Member, ...Member[]][] {
  const groups = new Map<string, [Member, ...Member[]]>();
  for (const member of members) {
    const key = titleOf("", member);
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  return [...groups.values()];
}

function titleOf(className: string, { name, isStatic }: Member): string {
  if (name === "constructor") return `new ${className}`;
  return isStatic ? `${className}.${name}` : name;
}

// Not "ts", which the docs mark what is complete by.
function code(signature: string): string {
  return `\`\`\`typescript\n${signature}\n\`\`\``;
}

/** For what stands in an item of a list. */
function indented(text: string): string {
  return text.replace(/\n(?=.)/g, "\n  ");
}
