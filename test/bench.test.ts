// That the benches run, and the parts of the instrument. Nothing is asserted about what anything costs.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { expect, test } from "vitest";
import { bestOf } from "../bench/guard.ts";
import { joinLines, rangeText } from "../bench/joined.ts";
import { writeDown } from "../bench/page.ts";
import { CpuClock } from "../bench/pairs/cpu.ts";
import { type Interval, intervalOf, quantile } from "../bench/pairs/interval.ts";
import { measurePair, type Side, within } from "../bench/pairs/pair.ts";
import { root, run } from "./run.ts";

const page = `${root}/docs/benchmarks.md`;

test("an unknown bench is refused with the list of those that there are", async () => {
  expect(await run("node", ["bench/run.ts", "rhino"])).toEqual({
    code: 1,
    stdout: "",
    stderr:
      'npm run bench: unknown bench "rhino"; expected one of early, last-byte, servers, peers, streams, growth, size, ' +
      "guard\n",
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

test("real servers are measured by pairs: every cell has its interval", { timeout: 120_000 }, async () => {
  const { code, stdout, stderr } = await run("node", ["bench/run.ts", "guard", "--short"]);
  expect(code, stderr).toBe(0);
  const cells = stdout.matchAll(/^\| \S.* \| (\S+) \| \d+\.\d\d \[\d+\.\d\d–\d+\.\d\d\] \| \d\.\d\d \|$/gm);
  const ways = ["adapter", "adapter-async", "alone", "for-all"];
  expect([...cells].map(([, way]) => way)).toEqual([...ways, ...ways]);
});

test("a quantile lies between two values where it falls there, and sorts by number", () => {
  const values = [10, 9, 100];
  expect(quantile(values, 0.5)).toBe(10);
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  expect(quantile([4, 1, 3, 2], 0)).toBe(1);
  expect(values).toEqual([10, 9, 100]);
});

test("an interval has the median of all values, is the same for the same values, and one point for equal ones", () => {
  const groups = [
    [1.0, 1.1, 1.2],
    [1.1, 1.2, 1.3],
  ];
  const { median, low, high, count } = intervalOf(groups);
  expect([median, count]).toEqual([1.15, 6]);
  expect(low).toBeGreaterThanOrEqual(1);
  expect(low).toBeLessThan(median);
  expect(high).toBeGreaterThan(median);
  expect(high).toBeLessThanOrEqual(1.3);
  expect(intervalOf(groups)).toEqual({ median, low, high, count });
  expect(intervalOf([[2, 2], [2]])).toEqual({ median: 2, low: 2, high: 2, count: 3 });
  expect(() => intervalOf([])).toThrow("An interval needs values");
});

test("where processes of one program differ, the interval reaches from one to the other, however many pairs there are", () => {
  const pairs = (ratio: number) => Array.from({ length: 100 }, () => ratio);
  expect(intervalOf([pairs(1), pairs(1.2), pairs(1.1)])).toMatchObject({ median: 1.1, low: 1, high: 1.2 });
});

/** A pair that is told what each slot costs, and writes down what is done with it. */
function recorded(costs: readonly [a: readonly number[], b: readonly number[]], plan: { warm: number; pairs: number }) {
  const events: string[] = [];
  const start = (name: string, slots: readonly number[]) => async (): Promise<Side> => {
    events.push(`start ${name}`);
    let next = 0;
    return {
      async slot() {
        events.push(name);
        const cost = slots[next++ % slots.length];
        if (cost === undefined || Number.isNaN(cost)) throw new Error(`${name} broke`);
        return { cost, waited: 0.1 };
      },
      check: async () => void events.push(`check ${name}`),
      close: async () => void events.push(`close ${name}`),
    };
  };
  const measure = (starts: readonly [number, number]) =>
    measurePair([start("a", costs[0]), start("b", costs[1])], { ...plan, starts, narrow: within(0.03) });
  return { events, measure };
}

test("slots alternate, each side is first in every other pair, and those that warm up do not count", async () => {
  const { events, measure } = recorded(
    [
      [99, 1, 2],
      [1, 2, 4],
    ],
    { warm: 1, pairs: 2 },
  );
  expect(await measure([1, 1])).toEqual({ median: 2, low: 2, high: 2, count: 2, waited: 0.1 });
  expect(events).toEqual([
    "start a",
    "start b",
    "b",
    "a",
    "a",
    "b",
    "b",
    "a",
    "check a",
    "check b",
    "close b",
    "close a",
  ]);
});

test("the sides are started at least so often, and again until the interval is narrow or the bound is reached", async () => {
  const narrow = recorded([[1], [1.5]], { warm: 0, pairs: 2 });
  expect(await narrow.measure([3, 9])).toEqual({ median: 1.5, low: 1.5, high: 1.5, count: 6, waited: 0.1 });
  const wide = recorded([[1], [1, 2]], { warm: 0, pairs: 2 });
  expect(await wide.measure([2, 5])).toMatchObject({ median: 1.5, low: 1, high: 2, count: 10 });
  expect(wide.events.filter((event) => event === "close b")).toHaveLength(5);
});

test("a side that fails ends both, and the measurement", async () => {
  const { events, measure } = recorded([[1], [Number.NaN]], { warm: 0, pairs: 1 });
  await expect(measure([1, 1])).rejects.toThrow("b broke");
  expect(events).toEqual(["start a", "start b", "a", "b", "close b", "close a"]);
});

test.runIf(process.platform === "linux")("the clock counts what a process and its children spend", async () => {
  // Each works until it has spent 100 ms by its own count, the inner one first.
  const work = "const spend = () => { while (process.cpuUsage().user < 100_000); };";
  const inner = `${work} spend(); console.log("done"); setInterval(() => {}, 1e6)`;
  const outer = `${work} const child = require("child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}]);
    child.stdout.on("data", () => { spend(); console.log("done"); }); process.stdin.on("end", () => { child.kill(); process.exit() }).resume();`;
  const child = spawn(process.execPath, ["-e", outer], { stdio: ["pipe", "pipe", "inherit"] });
  const clock = new CpuClock(child.pid as number);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(clock.now().ran).toBeGreaterThanOrEqual(200_000);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const before = clock.now().ran;
  child.stdin.end();
  await ended;
  // What has ended still belongs to the sum.
  expect(clock.now().ran).toBeGreaterThanOrEqual(before);
  expect(() => new CpuClock(child.pid as number)).toThrow("CPU time is read from /proc/");
});

test("the guard measures again while a ratio is too much, and takes the least", async () => {
  const tries = (medians: number[]) => {
    const left = [...medians];
    const measure = async () => ({ median: left.shift() }) as Interval;
    return { measure, left };
  };
  const good = tries([1.1, 9]);
  expect(await bestOf(good.measure, 1.2, 3)).toEqual({ median: 1.1 });
  expect(good.left).toEqual([9]);
  const third = tries([1.5, 1.4, 1.1, 9]);
  expect(await bestOf(third.measure, 1.2, 3)).toEqual({ median: 1.1 });
  expect(await bestOf(tries([1.5, 1.3, 1.4, 1]).measure, 1.2, 3)).toEqual({ median: 1.3 });
});

test("servers share a row where a way did the same on them, with the range of their numbers", () => {
  const lines = [
    { way: "a", server: "Node", cells: [3, 1_500] },
    { way: "b", server: "Node", cells: [-4, 0] },
    { way: "a", server: "Bun", cells: [1, 2_000] },
    { way: "a", server: "Deno", cells: [-1, 2_000] },
  ];
  const rows = joinLines(
    lines,
    (cell) => String(cell < 0),
    (cells) => rangeText(cells, "ms"),
  );
  expect(rows).toEqual([
    ["a", "Node, Bun", "1 to 3 ms", "1,500 to 2,000 ms"],
    ["a", "Deno", "-1 ms", "2,000 ms"],
    ["b", "Node", "-4 ms", "0 ms"],
  ]);
});

test("a table that the page has no place for is refused", () => {
  expect(() => writeDown("rhino", "a table")).toThrow('docs/benchmarks.md has no markers for "rhino"');
});
