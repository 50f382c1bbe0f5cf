import { type Ending, endings } from "./plan.ts";
import type { Account } from "./serve/books.ts";

/** The most that the heap may hold at the end, by what it held when the server was warm; both after a collection. */
export const FLAT = 1.5;

/** What a soak has seen. */
export interface Seen {
  readonly requests: number;
  readonly seconds: number;
  readonly account: Account;
  /** Answers that were not what they should be. */
  readonly wrong: readonly string[];
  readonly heap: { readonly start: number; readonly peak: number; readonly end: number };
}

/** The outcomes that callbacks were told and should not have been, as `name: type`. */
export function wrongOutcomes({ told }: Account): string[] {
  return Object.entries(told).flatMap(([name, types]) => {
    const [ending = "", ...words] = splitName(name);
    const allowed = allowedFor(
      endings.find(({ name }) => name === ending),
      words,
    );
    return Object.entries(types)
      .filter(([type]) => !allowed.includes(type))
      .map(([type, count]) => `${name}: ${count} times ${type}`);
  });
}

const WORDS = [", the adapter's callback", ", alone"];

function splitName(name: string): string[] {
  const words = WORDS.filter((word) => name.endsWith(word));
  return [words.reduce((rest, word) => rest.slice(0, -word.length), name), ...words];
}

function allowedFor(ending: Ending | undefined, [word]: readonly string[]): readonly string[] {
  if (!ending) return [];
  if (word === ", alone") return ending.alone ?? ending.types;
  return (word === undefined ? undefined : ending.adapters) ?? ending.types;
}

/** What is wrong with a soak, one sentence each; none is a pass. */
export function faults({ account, wrong, heap }: Seen): string[] {
  const { due, doubled, unreported, reportedTwice, unhandled, missing } = account;
  const found: string[] = [];
  if (due > 0) found.push(`${due} callbacks did not run: ${JSON.stringify(missing)}`);
  if (doubled > 0) found.push(`${doubled} callbacks ran again`);
  if (unreported > 0) found.push(`${unreported} failures of callbacks were not reported`);
  if (reportedTwice > 0) found.push(`${reportedTwice} failures were reported again`);
  if (unhandled > 0) found.push(`${unhandled} rejections were left unhandled`);
  found.push(...wrongOutcomes(account).map((text) => `a wrong outcome: ${text}`));
  if (wrong.length > 0) found.push(`${wrong.length} wrong answers, such as: ${wrong[0]}`);
  if (heap.end > heap.start * FLAT) found.push(`the heap grew by more than a factor of ${FLAT}`);
  return found;
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** The table at the end. */
export function tableOf({ requests, seconds, account, wrong, heap }: Seen): string {
  const rows: [string, number | string][] = [
    ["requests", requests],
    ["seconds", Math.round(seconds)],
    ["responses built", account.responses],
    ["callbacks run", account.ran],
    ["lost", account.due],
    ["doubled", account.doubled],
    ["callbacks that failed", account.failed],
    ["failures not reported", account.unreported],
    ["failures reported again", account.reportedTwice],
    ["unhandled rejections", account.unhandled],
    ["wrong outcomes", wrongOutcomes(account).length],
    ["wrong answers", wrong.length],
    ["heap at the start", megabytes(heap.start)],
    ["heap at its peak", megabytes(heap.peak)],
    ["heap at the end", megabytes(heap.end)],
  ];
  const cells = rows.map(([name, value]) => [
    name,
    typeof value === "number" ? value.toLocaleString("en-US") : value,
  ]) as [string, string][];
  const width = Math.max(...cells.map(([name]) => name.length));
  return cells.map(([name, value]) => `${name.padEnd(width)}  ${value.padStart(12)}`).join("\n");
}
