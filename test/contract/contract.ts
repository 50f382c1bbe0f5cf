import { afterAll, beforeAll, describe, expect, type TestContext, test, vi } from "vitest";
import { inside, sentences } from "./catalogue.ts";
import { type Gap, gapOf } from "./gaps.ts";
import type { Host, RunningHost, Way } from "./host.ts";
import type { Inside } from "./inside/inside.ts";
import { Report } from "./report.ts";
import type { Sentence } from "./sentence.ts";
import { Visit } from "./visit.ts";

/** How long a gap is waited for to close, in ms. */
const IMPATIENCE = 3_000;

/** The contract, sentence by sentence, against a real host: those about the object inside of it, the others over HTTP. */
export function contract(host: Host): void {
  // Nearly all of the time is waiting.
  vi.setConfig({ testTimeout: 90_000, hookTimeout: 180_000 });

  describe.skipIf(host.available === false)(host.name, () => {
    const report = new Report(host.name);
    let running: RunningHost;
    let visits = 0;

    beforeAll(async () => {
      running = await host.start();
    });
    afterAll(() => running?.close());

    const checks = [
      ...inside.map((sentence) => check(sentence, "alone", (visit) => tell(sentence, visit))),
      ...(Object.keys(host.ways) as Way[]).flatMap((way) =>
        sentences
          .filter((sentence) => means(sentence, host, way))
          .map((sentence) => check(sentence, way, sentence.run)),
      ),
    ];

    function check({ text, serial = false, slow = false }: Sentence | Inside, way: Way, run: Sentence["run"]) {
      const gap = gapOf(text, host.name, way);
      const visit = () => new Visit(host, running, way, `${way}-${++visits}`, ...(gap ? [IMPATIENCE] : []));
      const holds = async () => {
        report.begin(text, way);
        await run(visit());
        report.add(text, way);
      };
      const gaps = async (context: TestContext) => {
        report.add(text, way, gap as Gap);
        await confirm(gap as Gap, context, () => run(visit()));
      };
      return { name: `${way}: ${text}${gap ? " (a gap)" : ""}`, serial, slow: slow || !!gap, run: gap ? gaps : holds };
    }

    const together = checks.filter(({ serial }) => !serial);
    // What waits for long begins first.
    together.sort((a, b) => Number(b.slow) - Number(a.slow));
    for (const { name, run } of together) test.concurrent(name, run);
    for (const { name, run } of checks.filter(({ serial }) => serial)) test(name, run);

    test("nothing was left unhandled", () => {
      const lines = running.complaints().split("\n");
      // Some hosts say so of what a handler threw, and of what a source failed with.
      const ours = lines.filter(
        (line) => /unhandled|uncaught/i.test(line) && !/(handler|source|writer) failed/.test(line),
      );
      expect(ours).toEqual([]);
    });

    test("docs/support.md has what was seen", () => report.compare());
  });
}

function means({ ways, on }: Sentence, host: Host, way: Way): boolean {
  return (ways?.includes(way) ?? true) && (on?.(host, way) ?? true);
}

/** Runs a sentence about the object in the host, and expects what it saw. */
async function tell({ text, expected }: Inside, visit: Visit): Promise<void> {
  expect(await visit.ask("inside", `sentence=${encodeURIComponent(text)}`)).toEqual({ seen: expected });
}

/** A gap must fail, and is skipped by its reason. */
async function confirm({ untried, reason }: Gap, context: TestContext, run: () => Promise<void>): Promise<never> {
  const holds =
    !untried &&
    (await run().then(
      () => true,
      () => false,
    ));
  expect(holds, "it holds now: take it out of gaps.ts").toBe(false);
  return context.skip(reason);
}
