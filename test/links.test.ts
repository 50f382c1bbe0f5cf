// Every link of every Markdown file that leads to a file, and every anchor. What leads out of the repository is not asked.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import { readPage } from "./links/page.ts";
import { root } from "./run.ts";

const SKIPPED = new Set(["node_modules", "dist", "reports", "coverage", ".git", ".wrangler", ".next"]);

const pages = new Map(
  globSync("**/*.md", { cwd: root, exclude: (path) => SKIPPED.has(path.split("/").at(-1) ?? "") }).map((file) => [
    file,
    readPage(readFileSync(join(root, file), "utf8")),
  ]),
);

const isOutside = (target: string) => /^[a-z][a-z+.-]*:/i.test(target);

/** The file that a link of a file leads to, by its path in the repository, and the anchor in it. */
function follow(file: string, target: string): { path: string; anchor: string } {
  const [path = "", anchor = ""] = decodeURI(target).split("#");
  return { path: path === "" ? file : normalize(join(dirname(file), path)), anchor };
}

/** Why a link leads nowhere. */
function wrong(file: string, target: string): string | undefined {
  const { path, anchor } = follow(file, target);
  if (target.startsWith("/") || path.startsWith("..")) return "leads out of the repository";
  if (!existsSync(join(root, path))) return "there is no such file";
  if (anchor !== "" && !pages.get(path)?.anchors.has(anchor)) return "there is no such heading";
  return undefined;
}

test("there are pages, with links and headings", () => {
  expect([...pages.keys()]).toEqual(expect.arrayContaining(["README.md", "docs/design.md", "examples/node/README.md"]));
  expect(pages.get("docs/platforms.md")?.links.map(({ target }) => target)).toContain("platforms/node.md");
  expect(pages.get("docs/design.md")?.anchors).toContain("how-a-body-is-watched");
});

test.each([...pages.keys()].sort())("every link of %s leads somewhere", (file) => {
  const inside = pages.get(file)?.links.filter(({ target }) => !isOutside(target)) ?? [];
  const broken = inside.map(({ target, line }) => ({ target, line, why: wrong(file, target) }));
  expect(broken.filter(({ why }) => why !== undefined)).toEqual([]);
});

test("every page of docs is in its list, docs/README.md", () => {
  const listed = pages.get("docs/README.md")?.links.map(({ target }) => follow("docs/README.md", target).path);
  const docs = [...pages.keys()].filter((file) => file.startsWith("docs/") && file !== "docs/README.md");
  expect(docs.filter((file) => !listed?.includes(file))).toEqual([]);
});

describe("a link that leads nowhere is found", () => {
  test.each([
    ["missing.md", "there is no such file"],
    ["design.md#missing", "there is no such heading"],
    ["#missing", "there is no such heading"],
    ["../src/index.ts#missing", "there is no such heading"],
    ["../../elsewhere", "leads out of the repository"],
    ["/README.md", "leads out of the repository"],
    ["design.md#words", undefined],
    ["../src", undefined],
  ])("%s: %s", (target, why) => {
    expect(wrong("docs/hono.md", target)).toBe(why);
  });
});

test("a page's links and anchors", () => {
  const text = [
    "# A `code(x)` & [link](one.md)",
    "## Twice",
    "## Twice",
    "See [two `code`](two.md#a), [three](<three.md>) and ![four](four.png), not `[five](five.md)`.",
    '| [six](six.md) | [[seven]](seven.md "title") |',
    "```md",
    "# Not a heading",
    "[not](a-link.md)",
    "```",
    "[eight]: https://example.com/",
  ].join("\n");
  const { anchors, links } = readPage(text);
  expect([...anchors]).toEqual(["a-codex--link", "twice", "twice-1"]);
  expect(links.map(({ target }) => target)).toEqual([
    "one.md",
    "two.md#a",
    "three.md",
    "four.png",
    "six.md",
    "seven.md",
    "https://example.com/",
  ]);
});
