import { expect, test } from "vitest";
import { run } from "../run.ts";

const rows = [
  "requests",
  "seconds",
  "responses built",
  "callbacks run",
  "lost",
  "doubled",
  "callbacks that failed",
  "failures not reported",
  "failures reported again",
  "unhandled rejections",
  "wrong outcomes",
  "wrong answers",
  "heap at the start",
  "heap at its peak",
  "heap at the end",
];

// A small count: npm run soak has the large one.
test.for(["node", "bun", "deno", "workerd"])(
  "10,000 requests of all kinds on %s lose no callback, and double none",
  {
    timeout: 300_000,
  },
  async (runtime) => {
    const { code, stdout, stderr } = await run("node", ["soak/run.ts", runtime, "10000"]);
    const told = Object.fromEntries(stdout.split("\n").map((line) => line.split(/ {2,}/)));
    expect(Object.keys(told).filter((name) => rows.includes(name))).toEqual(rows);
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^PASS$/m) });
    expect(told).toMatchObject({ requests: "10,000", lost: "0", doubled: "0", "unhandled rejections": "0" });
    const count = (name: string) => Number(told[name]?.replaceAll(",", ""));
    expect(count("responses built")).toBeGreaterThan(9_000);
    expect(count("callbacks run")).toBeGreaterThan(count("responses built"));
    expect(count("callbacks that failed") / count("callbacks run")).toBeGreaterThan(0.07);
    expect(stderr).toContain(`${runtime} 10000 of 10000 (100 %)`);
  },
);

test.for([
  [["rhino"], 'unknown runtime "rhino"; expected one of node, bun, deno, workerd'],
  [["node", "many"], "count is no whole number: NaN"],
  [["node", "10", "--seed=-1"], "seed is no whole number: -1"],
] as const)("soak/run.ts refuses %j", async ([args, complaint]) => {
  const { code, stderr } = await run("node", ["soak/run.ts", ...args]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `npm run soak: ${complaint}\n` });
});
