// Other versions of TypeScript, and Bun's types: extra/typescript.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, createConsumer } from "./consumer.ts";
import { GLOBALS, MODULES, PROGRAMS } from "./programs.ts";
import { root } from "./run.ts";

const TSC = join(root, "node_modules/typescript/bin/tsc");

let consumer: Consumer;
beforeAll(async () => {
  consumer = await createConsumer(["hono", "@types/node", "@cloudflare/workers-types"]);
});
afterAll(() => consumer?.remove());

test("there is a program for every import path", () => {
  const files = consumer.imports.map((name) => `${name.split("/")[1] ?? "index"}.ts`);
  expect(files.filter((file) => !(file in PROGRAMS))).toEqual([]);
});

const cases = Object.keys(GLOBALS)
  .filter((globals) => globals !== "Bun's types")
  .flatMap((globals) => MODULES.map((modules) => [globals, modules] as const));

test.for(cases)("a consumer with %s type-checks, libraries included, resolved by %s", async ([globals, modules]) => {
  expect(await consumer.typeCheck(TSC, globals, modules)).toMatchObject({ code: 0, stdout: "" });
});
