import type { Answer, Exchange } from "./raw-client.ts";

/**
 * Says in short what is otherwise in `ours` than in `without`: `-name` for a header that is missing, `+name` for one
 * more, `name → Name` for one that is written otherwise. Empty where every byte is the same.
 */
export function differencesOf(without: Exchange, ours: Exchange): string[] {
  const said = new Set<string>();
  if (ours.closed !== without.closed) said.add(ours.closed ? "closes" : "does not close");
  for (const [i, answer] of ours.answers.entries()) {
    const other = without.answers[i];
    if (other) for (const one of differences(withFixedBoundary(other), withFixedBoundary(answer))) said.add(one);
  }
  return [...said];
}

function* differences(without: Answer, ours: Answer): Generator<string> {
  const [statusWithout, ...linesWithout] = without.head;
  const [status, ...lines] = ours.head;
  if (status !== statusWithout) yield `${statusWithout} → ${status}`;
  const missing = linesWithout.filter((line) => !lines.includes(line));
  const more = lines.filter((line) => !linesWithout.includes(line));
  const pairs = missing.map((line) => [line, more.find((other) => sameName(line, other))] as const);
  for (const [line, other] of pairs) yield other ? change(line, other) : `-${inShort(line)}`;
  for (const line of more) if (!pairs.some(([, other]) => other === line)) yield `+${inShort(line)}`;
  if (orderOf(lines, linesWithout) !== orderOf(linesWithout, lines)) yield "order of headers";
  if (!ours.body.equals(without.body)) yield `body of ${without.body.byteLength} bytes → ${ours.body.byteLength}`;
  if (ours.cut !== without.cut) yield ours.cut ? "cut" : "not cut";
  if (ours.chunks && without.chunks && `${ours.chunks}` !== `${without.chunks}`) {
    yield `chunks ${without.chunks} → ${ours.chunks}`;
  }
}

const nameOf = (line: string) => line.slice(0, line.indexOf(":"));

function sameName(line: string, other: string): boolean {
  return nameOf(line).toLowerCase() === nameOf(other).toLowerCase();
}

function change(line: string, other: string): string {
  const sameValue = line.slice(nameOf(line).length) === other.slice(nameOf(other).length);
  return sameValue ? `${nameOf(line)} → ${nameOf(other)}` : `${inShort(line)} → ${other}`;
}

/** The headers that the others have too, in their order; a header that comes twice counts twice. */
function orderOf(lines: readonly string[], others: readonly string[]): string {
  const common = lines.filter((line) => others.some((other) => sameName(line, other)));
  return common.map((line) => nameOf(line).toLowerCase()).join();
}

/** A length is another one in each case; the body shows whether it is right. */
function inShort(line: string): string {
  return line.replace(/^(content-length): \d+$/i, "$1");
}

/** Each FormData has a boundary of its own; all of a runtime are of one length. */
export function withFixedBoundary(answer: Answer): Answer {
  const boundary = /boundary="?([^"\n]+)"?/.exec(answer.head.join("\n"))?.[1];
  if (boundary === undefined) return answer;
  const fix = (text: string) => text.replaceAll(boundary, "-".repeat(boundary.length));
  return { ...answer, head: answer.head.map(fix), body: Buffer.from(fix(answer.body.toString("latin1")), "latin1") };
}
