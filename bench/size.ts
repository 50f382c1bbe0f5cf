// What each import path brings, by the limits that are held and the budgets that the project set out with.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { run } from "../test/run.ts";
import { build } from "./build.ts";
import { writeDown } from "./page.ts";
import type { BenchOptions } from "./run.ts";
import { versions } from "./versions.ts";

/** As much as is read of what size-limit tells; sizes are in bytes. */
interface Entry {
  readonly name: string;
  readonly size: number;
  readonly sizeLimit: number;
}

const CORE = "response-then, everything";
/** In bytes. That of the middleware is for what it adds to the core. */
const BUDGETS = { core: 2_500, adapter: 3_200, middleware: 1_500 };
/** They are no adapters, and have no budget. */
const OTHERS = ["response-then/cloudflare-queue", "response-then/bullmq", "response-then/testing"];

export async function bench({ short }: BenchOptions): Promise<void> {
  build(short);
  console.error("size-limit: bundles each import path");
  const root = fileURLToPath(new URL("..", import.meta.url));
  // It fails when a limit is passed, and then too tells the sizes.
  const { stdout, stderr } = await run("npx", ["--no-install", "size-limit", "--json"], root);
  assert.ok(stdout.trimStart().startsWith("["), `size-limit: ${stdout}${stderr}`);
  const entries: Entry[] = JSON.parse(stdout);
  // Without the build size-limit tells a negative size, and passes.
  for (const { name, size } of entries) assert.ok(size > 0, `${name} has a size of ${size}`);
  const core = entries.find(({ name }) => name === CORE)?.size;
  assert.ok(core, `size-limit has an entry "${CORE}"`);
  const page = [
    `${versions(["size-limit", "esbuild"])}.`,
    "",
    "| | size | limit | budget | more than the core |",
    "|---|---|---|---|---|",
    ...entries.map((entry) => row(entry, core)),
  ].join("\n");
  console.log(`\n${page}\n`);
  if (!short) writeDown("size", page);
}

function row({ name, size, sizeLimit }: Entry, core: number): string {
  const middleware = name.endsWith("/middleware");
  const other = OTHERS.includes(name);
  const budget = name === CORE ? BUDGETS.core : BUDGETS.adapter;
  const cells = [
    `\`${name.replace(", everything", "")}\``,
    size > sizeLimit ? `**${kilobytes(size)}**` : kilobytes(size),
    kilobytes(sizeLimit),
    other ? "" : middleware ? `${kilobytes(BUDGETS.middleware)} more` : kilobytes(budget),
    other || name === CORE ? "" : kilobytes(size - core),
  ];
  return `| ${cells.join(" | ")} |`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(2)} kB`;
}
