/** What each candidate cost, round by round. */
export type Costs = Readonly<Record<string, number[]>>;

/**
 * Measures candidates side by side, in one alternating run: each round begins with another one, and goes the other way
 * round, so that none always works with the garbage of the same neighbour.
 *
 * @param text What is measured, for the progress line.
 * @param cost Measures one candidate once.
 */
export async function measureInRounds(
  text: string,
  candidates: readonly string[],
  rounds: number,
  cost: (candidate: string) => Promise<number>,
): Promise<Costs> {
  const costs = Object.fromEntries(candidates.map((candidate): [string, number[]] => [candidate, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates.at((round % 2 ? round - i : round + i) % candidates.length) as string;
      costs[candidate]?.push(await cost(candidate));
    }
    console.error(`${text}: round ${round + 1} of ${rounds}`);
  }
  return costs;
}
