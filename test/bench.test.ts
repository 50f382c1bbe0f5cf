// That the benches run, and the pure parts of what they print. Nothing is asserted about times.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { median } from "../bench/median.ts";
import { writeDown } from "../bench/page.ts";
import { ratioRow } from "../bench/ratio.ts";
import { root, run } from "./run.ts";

const page = `${root}/docs/benchmarks.md`;

test("an unknown bench is refused with the list of those that there are", async () => {
  expect(await run("node", ["bench/run.ts", "rhino"])).toEqual({
    code: 1,
    stdout: "",
    stderr:
      'npm run bench: unknown bench "rhino"; expected one of early, last-byte, servers, peers, streams, micro, growth, ' +
      "cloudflare, size\n",
  });
});

test("a bench prints its table, and a short run writes nothing down", { timeout: 60_000 }, async () => {
  const before = readFileSync(page, "utf8");
  const { code, stdout, stderr } = await run("node", ["bench/run.ts", "size", "--short"]);
  expect(code, stderr).toBe(0);
  const { "size-limit": entries } = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const names = (entries as { name: string }[]).map(({ name }) => `\`${name.replace(", everything", "")}\``);
  expect([...stdout.matchAll(/^\| (\S+) \| (?:\*\*)?\d+\.\d\d kB(?:\*\*)? \| \d/gm)].map(([, name]) => name)).toEqual(
    names,
  );
  expect(readFileSync(page, "utf8")).toBe(before);
});

test("the median is the value in the middle, or the mean of the two there, and sorts by number", () => {
  const values = [10, 9, 100];
  expect(median(values)).toBe(10);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(values).toEqual([10, 9, 100]);
});

test("a ratio is the median of the rounds' ratios, with its limits, its cost and its speed", () => {
  const costs = { plain: [0.1, 0.2, 0.1], ours: [0.2, 0.2, 0.11] };
  const ours = { text: "a string: ours", candidate: "ours", base: "plain", target: 1.2 };
  expect(ratioRow(ours, costs)).toBe("| a string: ours | 1.10 | at most 1.20 | 1.00 to 2.00 | 200 µs |");
  const plain = { text: "a string: plain", candidate: "plain", base: "plain" };
  expect(ratioRow(plain, costs, { plain: [1_000, 3_000, 2_000] })).toBe(
    "| a string: plain | 1.00 |  |  | 100 µs | 2,000 |",
  );
  expect(ratioRow({ ...plain, text: "long" }, { plain: [12, 11, 13] })).toBe("| long | 1.00 |  |  | 12 ms |");
});

test("a table that the page has no place for is refused", () => {
  expect(() => writeDown("rhino", "a table")).toThrow('docs/benchmarks.md has no markers for "rhino"');
});
