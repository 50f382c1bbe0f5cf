import { type Interval, intervalOf, quantile } from "./interval.ts";

/** What a short time of work cost. */
export interface Slot {
  readonly cost: number;
  /** How long the process waited for a processor, by how long it worked: on a machine of its own next to nothing. */
  readonly waited: number;
}

/** One of the two that are compared, at work in a process of its own. */
export interface Side {
  /** Works for a short time. */
  slot(): Promise<Slot>;
  /** Asserts that all of its work was right. */
  check(): Promise<void>;
  close(): Promise<void>;
}

/** What a pair of processes costs, the one by the other. */
export interface Comparison extends Interval {
  /** In the middle slot. */
  readonly waited: number;
}

/** How long a pair is measured. */
export interface Plan {
  /** Slots that only warm up. */
  readonly warm: number;
  /** Pairs of slots, each time that the two are started. */
  readonly pairs: number;
  /** How often they are started: at least, and at most. */
  readonly starts: readonly [least: number, most: number];
  /** Whether an interval is narrow enough. */
  narrow(interval: Interval): boolean;
}

/** Whether half of an interval is at most this share of its median. */
export function within(share: number): Plan["narrow"] {
  return ({ median, low, high }) => (high - low) / 2 <= share * median;
}

/** Two processes of one program may differ by a tenth: many starts tell more than many pairs. */
export const FULL: Plan = { warm: 12, pairs: 6, starts: [4, 12], narrow: within(0.03) };
export const SHORT: Plan = { warm: 1, pairs: 2, starts: [1, 1], narrow: within(0.03) };

/** The cost of `b` by that of `a`, in slots that alternate, until the interval is narrow enough or the plan is done. */
export async function measurePair(
  start: readonly [a: () => Promise<Side>, b: () => Promise<Side>],
  plan: Plan,
  compare: (a: number, b: number) => number = (a, b) => b / a,
): Promise<Comparison> {
  const [least, most] = plan.starts;
  const groups: [a: Slot, b: Slot][][] = [];
  for (;;) {
    groups.push(await measureOnce(start, plan));
    const interval = intervalOf(groups.map((pairs) => pairs.map(([a, b]) => compare(a.cost, b.cost))));
    if (groups.length < most && !(groups.length >= least && plan.narrow(interval))) continue;
    return {
      ...interval,
      waited: quantile(
        groups.flat(2).map(({ waited }) => waited),
        0.5,
      ),
    };
  }
}

async function measureOnce(
  [startA, startB]: readonly [() => Promise<Side>, () => Promise<Side>],
  { warm, pairs }: Plan,
): Promise<[a: Slot, b: Slot][]> {
  const slots: [a: Slot, b: Slot][] = [];
  const a = await startA();
  try {
    const b = await startB();
    try {
      for (let i = -warm; i < pairs; i++) {
        // The one that is first gets the machine as others left it: each is first in every other pair.
        const [first, second] = i % 2 === 0 ? [a, b] : [b, a];
        const [one, other] = [await first.slot(), await second.slot()];
        if (i >= 0) slots.push(i % 2 === 0 ? [one, other] : [other, one]);
      }
      for (const side of [a, b]) await side.check();
    } finally {
      await b.close();
    }
  } finally {
    await a.close();
  }
  return slots;
}
