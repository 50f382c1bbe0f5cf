import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root, run } from "./run.ts";

const blocks = ["{README.md,docs/**/*.md}", "{src,adapters}/**/*.ts"]
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .flatMap((file) => blocksOf(file, readFileSync(join(root, file), "utf8")));

test("there is code in the docs", () => {
  expect(blocks).not.toEqual([]);
});

test("code that is marked as ignored is announced as an excerpt on the line before", () => {
  const unannounced = blocks.filter(({ ignored, announcement }) => ignored && !/\bexcerpt\b/i.test(announcement));
  expect(unannounced.map(({ file, line }) => `${file}:${line}`)).toEqual([]);
});

test("every other piece of code in README.md, docs and docstrings type-checks", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "response-then-docs-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    for (const { file, line, code, ignored } of blocks) {
      if (ignored) continue;
      const module = join(folder, file, `${line}.ts`);
      mkdirSync(join(module, ".."), { recursive: true });
      // As many lines down as in the docs, so that the compiler's line numbers are those of the docs.
      writeFileSync(module, "\n".repeat(line) + code);
    }
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: join(root, "test/tsconfig.json"),
        compilerOptions: {
          moduleDetection: "force",
          noUnusedLocals: false,
          noUnusedParameters: false,
          noPropertyAccessFromIndexSignature: false,
          paths: {
            "response-then": [join(root, "src/index.ts")],
            "response-then/middleware": [join(root, "src/middleware/index.ts")],
            "response-then/testing": [join(root, "src/testing.ts")],
            "response-then/*": [join(root, "adapters/*.ts")],
          },
        },
        include: [folder, join(root, "adapters/*.d.ts")],
        exclude: ["node_modules"],
      }),
    );
    const checked = await run("npx", ["--no-install", "tsc", "--pretty", "false", "-p", folder]);
    expect(checked).toMatchObject({ code: 0, stdout: "" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

interface Block {
  readonly file: string;
  /** The line of the opening fence, counted from 1. */
  readonly line: number;
  readonly code: string;
  /** Fenced as "ts ignore": no complete code. */
  readonly ignored: boolean;
  /** The last line before the fence that has text. */
  readonly announcement: string;
}

/** The code fenced as "ts" in a Markdown file, or in the comments of a TypeScript file. */
function blocksOf(file: string, text: string): Block[] {
  const lines = text.split("\n").map((line) => (file.endsWith(".ts") ? line.replace(/^\s*\* ?/, "") : line));
  const fences = [...lines.entries()].filter(([, line]) => line.trimStart().startsWith("```"));
  const found: Block[] = [];
  for (const [index, [start, fence]] of fences.entries()) {
    const [end] = fences[index + 1] ?? [lines.length];
    const [language, ...info] = fence.trim().slice(3).split(" ");
    if (index % 2 === 1 || language !== "ts") continue;
    found.push({
      file,
      line: start + 1,
      code: lines.slice(start + 1, end).join("\n"),
      ignored: info.includes("ignore"),
      announcement: lines.slice(0, start).join("\n").trimEnd().split("\n").at(-1) ?? "",
    });
  }
  return found;
}
