import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Doc, entriesOf } from "../scripts/api-reference/documented.ts";
import { apiReference } from "../scripts/api-reference/page.ts";
import { root, run } from "./run.ts";

const page = apiReference(root);
const entries = entriesOf(root);
const exported = entries.flatMap(({ path, exports }) => exports.map((each) => ({ ...each, path })));
const nameOf = ({ path, name }: { path: string; name: string }) => `${path}: ${name}`;

describe("docs/api.md", () => {
  test("is what the docstrings say now; npm run docs writes it", () => {
    expect(readFileSync(join(root, "docs/api.md"), "utf8")).toBe(page);
  });

  test("has every import path of package.json, and every name that can be imported", () => {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
    const paths = Object.keys(exports)
      .filter((subpath) => subpath !== "./package.json")
      .map((subpath) => `response-then${subpath.slice(1)}`);
    expect(page.match(/(?<=^## ).*/gm)?.sort()).toEqual(paths.sort());
    expect(page.match(/(?<=^### ).*/gm)?.sort()).toEqual(exported.map(({ name }) => name).sort());
  });

  test("shows signatures as they stand in the sources, without bodies and comments", () => {
    for (const signature of [
      "function drain({ timeout = 10_000 }: { timeout?: number } = {}): Promise<DrainResult>",
      "static json(data: unknown, init?: ResponseInitOf): Response\nstatic json(data: unknown, callback: Callbacks, init?: ResponseThenInit): ResponseThen",
      "const responseFinished: ResponseFinished",
      "interface ConsumeLimit {\n  readonly bytes?: number;\n  readonly ms?: number;\n}",
    ]) {
      expect(page).toContain(`\`\`\`typescript\n${signature}\n\`\`\``);
    }
  });

  test("changes when a docstring does", () => {
    const copy = mkdtempSync(join(tmpdir(), "response-then-api-"));
    try {
      for (const name of ["src", "adapters", "deno.json", "package.json"])
        cpSync(join(root, name), join(copy, name), { recursive: true });
      symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
      expect(apiReference(copy)).toBe(page);
      const file = join(copy, "src/lifecycle/process.ts");
      const text = readFileSync(file, "utf8").replace("How a `drain()` went.", "How it went, {@linkcode drain}.");
      writeFileSync(file, text);
      expect(apiReference(copy)).toBe(page.replace("How a `drain()` went.", "How it went, [`drain`](#drain)."));
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

describe("every export", () => {
  const has = (kind: string) => (docs: Doc[]) => docs.some(({ tags }) => tags?.some((tag) => tag.kind === kind));
  const callable = exported.filter(({ kind }) => ["class", "function"].includes(kind));
  /** Of a class a member may tell what the class does not. */
  const without = (tell: (docs: Doc[]) => boolean) =>
    callable.filter(({ doc, members }) => !tell([doc, ...members.map((member) => member.doc)])).map(nameOf);

  test("says what it is", () => {
    expect(exported.filter(({ doc }) => !doc.doc?.trim()).map(nameOf)).toEqual([]);
  });

  test("says what each of its members is", async () => {
    const { exports } = JSON.parse(readFileSync(join(root, "deno.json"), "utf8")) as {
      exports: Record<string, string>;
    };
    const linted = await run("npx", ["--no-install", "deno", "doc", "--lint", ...Object.values(exports)]);
    const complaints = linted.stderr.split("error[").slice(1);
    // Types that are named for the reader of the sources, and types of a framework, are not exported.
    expect(complaints.filter((complaint) => !complaint.startsWith("private-type-ref"))).toEqual([]);
  });

  test("that is called has an example", () => {
    expect(without(has("example"))).toEqual([]);
  });

  test("that is called says what it throws", () => {
    // The class of a platform throws what the plain one does.
    const classes = exported.filter(({ kind, path }) => kind === "class" && path !== "response-then").map(nameOf);
    expect(without(has("throws")).filter((name) => !classes.includes(name))).toEqual([]);
  });
});
