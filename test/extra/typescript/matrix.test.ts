// The published types under the oldest TypeScript that is supported, those since, and the newest, each with the globals of
// each platform. (Newest TypeScript alone: test/consumers.test.ts, in the default run.)
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Consumer, createConsumer } from "../../consumer.ts";
import { GLOBALS, MODULES } from "../../programs.ts";

const packages = join(import.meta.dirname, "node_modules");

const others = ["hono", "@types/bun", "@cloudflare/workers-types"];
let consumer: Consumer;
/** With the last types of Node that TypeScript 5.4 can read. */
let old: Consumer;
beforeAll(async () => {
  consumer = await createConsumer([...others, "@types/node"], packages);
  old = await createConsumer([...others, ["@types/node", "types-node-24"]], packages);
});
afterAll(() => {
  consumer?.remove();
  old?.remove();
});

/** What the types of others do not allow, by version and import path or globals. */
const UNFIT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "5.4": {
    "response-then/hono": "Hono's own types give type parameters to Uint8Array, which has them since TypeScript 5.7",
    "Bun's types": "so do Bun's",
  },
};

const cases = ["5.4", "5.9", "6.0", "7.0"].flatMap((version) =>
  Object.keys(GLOBALS).flatMap((globals) => MODULES.map((modules) => [version, globals, modules] as const)),
);

test.for(cases)("TypeScript %s with %s, resolved by %s", async ([version, globals, modules], context) => {
  const unfit = UNFIT[version] ?? {};
  if (unfit[globals] !== undefined) context.skip(unfit[globals]);
  const compiler = join(packages, `typescript-${version}/bin/tsc`);
  const checked = await (version === "5.4" ? old : consumer).typeCheck(compiler, globals, modules, Object.keys(unfit));
  expect(checked).toMatchObject({ code: 0, stdout: "" });
});
