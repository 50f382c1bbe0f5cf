import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import type { Event, NoteEvent } from "../app/records.ts";
import { ADAPTED, type Sentence } from "../sentence.ts";
import { callbacksIn } from "../visit.ts";

export const ownEndings: readonly Sentence[] = [
  {
    text: "a callback that throws is reported once and reaches neither the client nor the next callback",
    from: "own",
    async run(visit) {
      expect(await visit.read("throws")).toBe("Hello, world");
      expect(await visit.ended()).toMatchObject([
        { at: "onError", message: "callback failed" },
        { at: "callback", type: "completed" },
      ]);
    },
  },
  {
    text: "a callback that never settles holds up no other response, and is reported when its time is over",
    from: "own",
    async run(visit) {
      expect(await visit.read("never-settles")).toBe("Hello, world");
      expect(await visit.read("string", { id: `${visit.id}.next` })).toBe("Hello, world");
      const events = await visit.noted("onError");
      expect(events.map(({ at }) => at)).toEqual(["callback", "onError"]);
      expect(events[1]).toMatchObject({ message: expect.stringContaining("longer than the timeout of 200 ms") });
    },
  },
  {
    text: "twenty endless streams at once, each left by its client, end once each",
    from: "own",
    async run(visit) {
      const ids = Array.from({ length: 20 }, (_, n) => `${visit.id}.${n}`);
      await Promise.all(
        ids.map(async (id) => {
          const answer = await visit.send("endless", { id });
          await answer.readAtLeast(2_000);
          await answer.leave();
        }),
      );
      for (const id of ids) await visit.noted("callback", id);
      await pause(60);
      const all = (await visit.ask("all-events")) as Record<string, Event[]>;
      for (const events of Object.values(all)) {
        expect(callbacksIn(events)).toMatchObject([{ type: "canceled", phase: "mid-body" }]);
      }
      expect(Object.keys(all)).toHaveLength(20);
    },
  },
  {
    text: "fifty requests at once end each on its own, with its own response and bytes",
    from: "own",
    async run(visit) {
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      const seen = await Promise.all(
        numbers.map(async (n) => {
          const answer = await visit.send("mixed", { id: `${visit.id}.${n}`, query: `&n=${n}` });
          return [answer.headers["x-n"], (await answer.readAll()).byteLength];
        }),
      );
      const lengths = numbers.map((n) => (n % 2 === 0 ? `this is ${n}`.length : 5 * n));
      expect(seen).toEqual(numbers.map((n) => [`${n}`, lengths[n]]));
      for (const n of numbers) await visit.noted("callback", `${visit.id}.${n}`);
      const all = (await visit.ask("all-events")) as Record<string, Event[]>;
      expect(numbers.map((n) => callbacksIn(all[n] ?? []).map(({ type, bytes }) => [type, bytes]))).toEqual(
        numbers.map((n) => [["completed", lengths[n]]]),
      );
    },
  },
  {
    text: 'with `onCancel: "drain"` the source is read to its end after the client left, and then the callback runs',
    from: "own",
    async run(visit) {
      const answer = await visit.send("drains");
      await answer.readAtLeast(3_000);
      await answer.leave();
      const { type, bytes, drained } = await visit.outcome();
      expect([type, drained?.whole, bytes + (drained?.bytes ?? 0)]).toEqual(["canceled", true, 100_000]);
      expect((await visit.events()).map(({ at }) => at)).toEqual(["callback"]);
    },
  },
  {
    text: "`ResponseThen.stream()`: what is written arrives, and the body ends with the writer",
    from: "own",
    async run(visit) {
      expect(await visit.read("written")).toBe("one two three");
      expect((await visit.ended()).map(({ at }) => at)).toEqual(["written", "callback"]);
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 13 });
    },
  },
  {
    text: "`ResponseThen.stream()`: a writer that fails ends the response as errored, and cuts it",
    from: "own",
    async run(visit) {
      const answer = await visit.send("written-fails");
      const end = await answer.readAll().then(
        () => "clean",
        () => "cut",
      );
      expect(end).toBe("cut");
      expect(await visit.outcome()).toMatchObject({ type: "errored", error: "writer failed", phase: "mid-body" });
    },
  },
  {
    text: "a callback sees the store of its own request, live, and one that registers late that of its registration",
    from: "own",
    async run(visit) {
      const ids = [`${visit.id}.1`, `${visit.id}.2`];
      await Promise.all(ids.map((id) => visit.read("store", { id })));
      for (const id of ids) {
        const events = (await visit.noted("added late", id)) as NoteEvent[];
        const stores = Object.fromEntries(events.map(({ at, store }) => [at, store]));
        const own = { id, put: "after it was built" };
        expect(stores).toEqual({
          built: own,
          awaited: own,
          "added in another": { id: "another" },
          "added late": { id: "late" },
        });
      }
    },
  },
  {
    text: "two responses of ours around one body: the callbacks of both run once, read or left",
    from: "own",
    async run(visit) {
      expect((await visit.read("twice")).length).toBe(5_000);
      for (const name of ["own", "inner"]) expect(await visit.outcome(name)).toMatchObject({ type: "completed" });
      const id = `${visit.id}.left`;
      const answer = await visit.send("twice-endless", { id });
      await answer.readAtLeast(2_000);
      await answer.leave();
      for (const name of ["own", "outer"]) {
        expect(await visit.outcome(name, id)).toMatchObject({ type: "canceled", phase: "mid-body" });
      }
    },
  },
  {
    text: "a response that was built and not sent ends as canceled, with an `AbandonedError`",
    from: "own",
    ways: ADAPTED,
    slow: true,
    async run(visit) {
      expect(await visit.read("dropped")).toBe("another one");
      const dropped = await visit.outcome("dropped");
      expect(dropped).toMatchObject({ type: "canceled", reason: "AbandonedError", phase: "before-body", bytes: 0 });
    },
  },
  {
    text: "what a callback sees has happened: the handler had answered before",
    from: "Next.js after() (callbacks start when the response closes)",
    async run(visit) {
      await visit.read("sees");
      const events = await visit.noted("seen");
      expect(events.find(({ at }) => at === "seen")).toMatchObject({ before: ["answered"] });
    },
  },
];
