import { Slugs } from "../../scripts/api-reference/slug.ts";

/** A Markdown page, as far as links go. Not a parser: it knows how the pages here are written. */
export interface Page {
  /** The anchors of its headings, as GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly Link[];
}

export interface Link {
  readonly target: string;
  /** Counted from 1. */
  readonly line: number;
}

export function readPage(text: string): Page {
  const slugs = new Slugs();
  const anchors = new Set<string>();
  const links: Link[] = [];
  let fence: string | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const [, mark] = /^ *(`{3,}|~{3,})/.exec(line) ?? [];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      continue;
    }
    if (fence !== undefined) continue;
    const [, heading] = /^#{1,6} +(.*?)[ #]*$/.exec(line) ?? [];
    // Of a link in a heading its text counts.
    if (heading !== undefined) anchors.add(slugs.of(heading.replace(LINK, "$1")));
    for (const [, , target = ""] of withoutCode(line).matchAll(LINK)) links.push({ target, line: index + 1 });
    const [, defined] = /^\[(?!\^)[^\]]+\]: +<?([^\s>]+)/.exec(line) ?? [];
    if (defined !== undefined) links.push({ target: defined, line: index + 1 });
  }
  return { anchors, links };
}

/** A link or an image, with its text and its target; the text may have code and brackets in it. */
const LINK = /\[((?:[^[\]]|\[[^\]]*\])*)\]\(<?([^()\s>]+)>?(?: "[^"]*")?\)/g;

/** Code that stands by itself, and not as the text of a link, may look like one. */
function withoutCode(line: string): string {
  return line.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, (code) => code.replace(/[[\]()]/g, " "));
}
