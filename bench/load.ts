import assert from "node:assert/strict";
import autocannon from "autocannon";

const CONNECTIONS = 20;

/**
 * Asks for a text `amount` times, on several connections that are kept alive, and asserts that each answer is it.
 * Fulfils with how many were answered in a second.
 */
export async function load(url: string, text: string, amount: number): Promise<number> {
  const start = performance.now();
  const { errors, timeouts, resets, mismatches, statusCodeStats } = await autocannon({
    url,
    connections: CONNECTIONS,
    amount,
    expectBody: text,
    sampleInt: 10,
  });
  const seconds = (performance.now() - start) / 1_000;
  assert.deepEqual(
    { errors, timeouts, resets, mismatches, statusCodeStats },
    { errors: 0, timeouts: 0, resets: 0, mismatches: 0, statusCodeStats: { 200: { count: amount } } },
    `the answers to ${url}`,
  );
  return amount / seconds;
}
