/** A median, and the interval in which it lies in 95 of 100 bootstrap samples. */
export interface Interval {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** How many values it was made of. */
  readonly count: number;
}

const SAMPLES = 2_000;

/**
 * The median of all values. They come in groups, one for each time that the processes were started: processes of one
 * program differ from each other, and so a bootstrap sample draws groups first, and then values of them.
 */
export function intervalOf(groups: readonly (readonly number[])[]): Interval {
  const values = groups.flat();
  if (values.length === 0) throw new Error("An interval needs values");
  const random = createRandom();
  const draw = <T>(from: readonly T[]) => from.map(() => from[Math.floor(random() * from.length)] as T);
  const medians = Array.from({ length: SAMPLES }, () => quantile(draw(groups).flatMap(draw), 0.5));
  return {
    median: quantile(values, 0.5),
    low: quantile(medians, 0.025),
    high: quantile(medians, 0.975),
    count: values.length,
  };
}

/** The value below which this share of them lies, between two values where it falls there. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return below + (above - below) * (at - Math.floor(at));
}

/** Always the same numbers between 0 and 1, so that the same values have the same interval (mulberry32). */
function createRandom(): () => number {
  let state = 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
