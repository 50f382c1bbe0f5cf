import { expect } from "vitest";
import type { NoteEvent } from "../app/records.ts";
import type { Answer } from "../client.ts";
import { ADAPTED, type Sentence } from "../sentence.ts";

/** The head but for the time, and the framing: a watched body is a stream (docs/design.md). */
export function headOf({ status, headers }: Answer): object {
  const { date, "content-length": length, "transfer-encoding": encoding, ...head } = headers;
  return { status, head };
}

/** How long the body is said to be, if that is said. */
export function framingOf({ headers }: Answer): object {
  const { "content-length": length, "transfer-encoding": encoding } = headers;
  return { length, encoding };
}

export const h3: readonly Sentence[] = [
  {
    text: "the callback waits for the last chunk, and tells how long the stream took",
    from: "h3 onDispose, Next.js after(), Hono logger()",
    async run(visit) {
      const begun = performance.now();
      const answer = await visit.send("gated");
      await answer.readAtLeast(1_000);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await visit.events()).toEqual([]);
      await visit.release();
      await answer.readAll();
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 2_000 });
      const measured = (await visit.events()).find(({ at }) => at === "measured") as NoteEvent;
      expect(measured.chunks).toBe(2);
      // A clock that measures until the handler returns would say a few ms.
      expect(measured.duration).toBeGreaterThan(250);
      expect(measured.duration).toBeLessThan(performance.now() - begun + 100);
    },
  },
  {
    text: "over HTTP the reason of a cancel is an `Error`, whatever the server cancels with",
    from: "h3 onDispose",
    async run(visit) {
      const answer = await visit.send("endless");
      await answer.readAtLeast(1_500);
      await answer.leave();
      expect((await visit.outcome()).reason).toMatch(/Error$|^ResponseAborted$/);
    },
  },
  {
    text: "a framework's own hook on the answer comes before the callback",
    from: "h3 onDispose",
    async run(visit) {
      expect(await visit.read("hooked")).toBe("Hello, world");
      expect((await visit.ended()).map(({ at }) => at)).toEqual(["framework's hook", "callback"]);
    },
  },
  {
    text: "several callbacks run in their order; one that throws and one that rejects are reported once, and the body is whole",
    from: "h3 onDispose, Next.js after(), Django HttpResponse.close()",
    async run(visit) {
      expect((await visit.read("several")).length).toBe(5_000);
      const events = await visit.until((events) => events.length >= 7);
      const order = events.map(({ at, ...details }) => ("message" in details ? `${at}: ${details.message}` : at));
      const rejected = "onError: callback rejected";
      // A rejection is seen a turn later than a throw.
      expect(order.filter((at) => at !== rejected && at !== "third, finally")).toEqual([
        "first",
        "onError: callback failed",
        "third",
        "fifth",
        "callback",
      ]);
      expect([...order].sort()).toEqual(
        ["first", "onError: callback failed", "third", "third, finally", rejected, "fifth", "callback"].sort(),
      );
    },
  },
  {
    text: "status and headers of a streamed response arrive as those of the plain one, cookies each by itself",
    from: "h3 onDispose",
    async run(visit) {
      const [watched, plain] = [await visit.send("rich"), await visit.send("plain-rich")];
      await Promise.all([watched.readAll(), plain.readAll()]);
      expect(headOf(watched)).toEqual(headOf(plain));
      expect(watched.status).toBe(203);
      expect(watched.headers).toMatchObject({ "x-kept": "yes", "content-type": "application/x-ndjson" });
      expect(await visit.outcome()).toMatchObject({ type: "completed", status: 203 });
    },
  },
  {
    text: "a response without a callback is untouched: the same head, framing and body",
    from: "h3 onDispose",
    ways: ADAPTED,
    async run(visit) {
      for (const route of ["plain-string", "plain-stream"]) {
        const here = await visit.send(route);
        const alone = await visit.running.client.send(`/alone/${route}?id=${visit.id}`);
        expect([headOf(here), framingOf(here)]).toEqual([headOf(alone), framingOf(alone)]);
        expect(String(await here.readAll())).toBe(String(await alone.readAll()));
      }
    },
  },
];
