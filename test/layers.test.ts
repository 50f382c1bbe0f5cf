import { globSync, readFileSync } from "node:fs";
import { basename, join, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { importsOf } from "./imports.ts";

const root = join(import.meta.dirname, "..");
const sources = list("src/**/*.ts");
const adapters = list("adapters/*.ts").filter((file) => !file.endsWith(".d.ts"));
const DOORS = ["src/index.ts", "src/exchange/index.ts"];
const walked = new Set<string>();

describe("imports point one way", () => {
  test("there are sources and adapters", () => {
    expect(sources).toContain("src/index.ts");
    expect(adapters).toContain("adapters/cloudflare.ts");
  });

  test.for(sources)("%s imports nothing outside src, and no package", (file) => {
    expect(importedBy(file).filter((target) => !sources.includes(target))).toEqual([]);
  });

  test("no file of the core imports a door: index.ts, exchange/index.ts", () => {
    const core = sources.filter((file) => !file.startsWith("src/middleware/"));
    expect(core.flatMap(importedBy).filter((target) => DOORS.includes(target))).toEqual([]);
  });

  test.for(sources.filter((file) => file.startsWith("src/middleware/")))(
    "%s imports the two doors, and its own",
    (file) => {
      const others = importedBy(file).filter((target) => !target.startsWith("src/middleware/"));
      expect(others.filter((target) => !DOORS.includes(target))).toEqual([]);
    },
  );

  test("arrows go down: lifecycle, body, exchange, and what is above", () => {
    const floors = ["src/lifecycle/", "src/body/", "src/exchange/"];
    const floorOf = (file: string) => floors.findIndex((floor) => file.startsWith(floor));
    const ups = sources.flatMap((file) =>
      floorOf(file) < 0 ? [] : importedBy(file).filter((target) => floorOf(target) > floorOf(file)),
    );
    expect(ups).toEqual([]);
  });

  test("nobody outside of lifecycle/ writes to a lifecycle", () => {
    const outside = [...sources, ...adapters].filter((file) => !file.startsWith("src/lifecycle/"));
    const writes = outside.filter((file) =>
      /lifecycle\.\w+ (?:[+?|&-]{0,2}=)(?!=)|Lifecycle\.asked(?:\+\+|--| =[^=])/.test(
        readFileSync(join(root, file), "utf8"),
      ),
    );
    expect(writes).toEqual([]);
  });

  test.for(adapters)("%s imports the two doors, its platform, and types of its framework", (file) => {
    const allowed = [...DOORS, "cloudflare:workers", "next/server.js", "hono (type)"];
    expect(importedBy(file).filter((target) => !allowed.includes(target))).toEqual([]);
  });

  test("nobody imports an adapter: no source, adapter or script", () => {
    const files = [...sources, ...adapters, ...list("scripts/**/*.ts")];
    expect(files.flatMap(importedBy).filter((target) => /^adapters\/|^response-then/.test(target))).toEqual([]);
  });

  test("outcome.ts imports nothing", () => {
    expect(importsOf(join(root, "src/lifecycle/outcome.ts"))).toEqual([]);
  });

  // Types may refer to each other in a circle: `import type` and `export type … from` are gone before anything runs.
  test("no import goes in a circle, type-only imports aside", () => {
    expect(sources.flatMap((file) => circlesFrom(file, []))).toEqual([]);
  });
});

describe("files are small and named for what they hold", () => {
  test("no file is called utils, common, helpers or types", () => {
    const files = list("{src,adapters,scripts,test}/**/*.ts").filter((file) => !file.includes(".test"));
    expect(files.filter((file) => /^(utils?|common|helpers?|types?)\b/.test(basename(file)))).toEqual([]);
  });

  test.for(sources)("%s has at most 240 lines", (file) => {
    expect(readFileSync(join(root, file), "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(240);
  });
});

/** Files of the repository, by their path in it. */
function list(pattern: string): string[] {
  return globSync(pattern, { cwd: root, exclude: ["**/node_modules/**"] })
    .map((file) => file.replaceAll("\\", "/"))
    .sort();
}

/** What a file imports: a file by its path in the repository, a package by its name, with " (type)" if only types. */
function importedBy(file: string): string[] {
  return importsOf(join(root, file)).map(({ specifier, typeOnly }) => {
    if (specifier.startsWith(".")) return posix.join(file, "..", specifier);
    return typeOnly ? `${specifier} (type)` : specifier;
  });
}

/** The circles that `file` closes on the way `path`. What has been walked through once is not walked through again. */
function circlesFrom(file: string, path: readonly string[]): string[] {
  if (path.includes(file)) return [[...path.slice(path.indexOf(file)), file].join(" → ")];
  if (walked.has(file)) return [];
  walked.add(file);
  const values = importsOf(join(root, file)).filter(
    ({ specifier, typeOnly }) => specifier.startsWith(".") && !typeOnly,
  );
  return values.flatMap(({ specifier }) => circlesFrom(posix.join(file, "..", specifier), [...path, file]));
}
