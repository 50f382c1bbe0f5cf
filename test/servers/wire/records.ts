import type { Outcome } from "../../../src/index.ts";

const records = new Map<string, string[]>();

/** Makes the callback that writes down, under a key, how responses end; twice for one response shows as that. */
export function recorder(key: string): (outcome: Outcome) => void {
  const list = records.get(key) ?? [];
  records.set(key, list);
  const ended = new WeakSet<Response>();
  return ({ type, bytes, response }) => {
    list.push(ended.has(response) ? "the same response again" : `${type} ${bytes}`);
    ended.add(response);
  };
}

/** How the responses ended, by key. */
export function allRecords(): Record<string, string[]> {
  return Object.fromEntries(records);
}
