import { describe, expect, test } from "vitest";
import { jobOf } from "../soak/plan.ts";
import type { Account } from "../soak/serve/books.ts";
import { faults, type Seen, tableOf } from "../soak/verdict.ts";
import { run } from "./run.ts";

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

test("the same seed makes the same requests, and another seed others", () => {
  const paths = (seed: number) => Array.from({ length: 200 }, (_, index) => jobOf(seed, index).path);
  expect(paths(7)).toEqual(paths(7));
  expect(paths(8)).not.toEqual(paths(7));
});

describe("the verdict", () => {
  const account: Account = {
    responses: 10,
    callbacks: 20,
    ran: 20,
    due: 0,
    doubled: 0,
    failed: 2,
    unreported: 0,
    reportedTwice: 0,
    unhandled: 0,
    told: {
      "text, read": { completed: 8 },
      "HEAD, alone": { canceled: 1 },
      "dropped, the adapter's callback": { completed: 1 },
    },
    missing: {},
  };
  const seen: Seen = { requests: 10, seconds: 1, account, wrong: [], heap: { start: 100, peak: 300, end: 150 } };

  test("of a soak without a fault is empty", () => {
    expect(faults(seen)).toEqual([]);
    expect(tableOf(seen)).toMatch(/^callbacks run +20$/m);
  });

  test.for<[text: string, change: Partial<Account>]>([
    ["3 callbacks did not run", { due: 3, missing: { HEAD: 3 } }],
    ["1 callbacks ran again", { doubled: 1 }],
    ["1 failures of callbacks were not reported", { unreported: 1 }],
    ["1 failures were reported again", { reportedTwice: 1 }],
    ["1 rejections were left unhandled", { unhandled: 1 }],
    ["a wrong outcome: HEAD: 1 times canceled", { told: { HEAD: { canceled: 1 } } }],
    ["a wrong outcome: dropped: 1 times completed", { told: { dropped: { completed: 1 } } }],
    ["a wrong outcome: no such ending: 1 times completed", { told: { "no such ending": { completed: 1 } } }],
  ])("says: %s", ([text, change]) => {
    expect(faults({ ...seen, account: { ...account, ...change } })).toEqual([expect.stringContaining(text)]);
  });

  test("says that an answer was wrong, and that the heap grew", () => {
    expect(faults({ ...seen, wrong: ["got 500"] })).toEqual(["1 wrong answers, such as: got 500"]);
    expect(faults({ ...seen, heap: { start: 100, peak: 300, end: 151 } })).toEqual([
      "the heap grew by more than a factor of 1.5",
    ]);
  });
});

test.for([
  [["rhino"], 'unknown runtime "rhino"; expected one of node, bun, deno, workerd'],
  [["node", "many"], "count is no whole number: NaN"],
  [["node", "10", "--seed=-1"], "seed is no whole number: -1"],
] as const)("soak/run.ts refuses %j", async ([args, complaint]) => {
  const { code, stderr } = await run("node", ["soak/run.ts", ...args]);
  expect({ code, stderr }).toEqual({ code: 2, stderr: `npm run soak: ${complaint}\n` });
});
