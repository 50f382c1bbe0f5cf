import { describe, expect, test } from "vitest";
import { jobOf } from "../../soak/plan.ts";
import type { Account } from "../../soak/serve/books.ts";
import { faults, type Seen, tableOf } from "../../soak/verdict.ts";

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
