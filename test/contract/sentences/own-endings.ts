import { expect } from "vitest";
import type { NoteEvent } from "../app/records.ts";
import { ADAPTED, onSockets, type Sentence } from "../sentence.ts";
import { callbacksIn } from "../visit.ts";

const ABANDONED = { type: "canceled", reason: "AbandonedError", phase: "before-body", bytes: 0 };

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
      const all = await visit.all(20);
      for (const told of Object.values(all)) expect(told).toMatchObject([{ type: "canceled", phase: "mid-body" }]);
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
      const all = await visit.all(50);
      expect(numbers.map((n) => all[n]?.map(({ type, bytes }) => [type, bytes]))).toEqual(
        numbers.map((n) => [["completed", lengths[n]]]),
      );
    },
  },
  {
    text: "fifty requests at once of which every other drops a response: what is dropped ends with its own request",
    from: "own",
    ways: ADAPTED,
    slow: true,
    async run(visit) {
      const numbers = Array.from({ length: 50 }, (_, n) => n);
      await Promise.all(
        numbers.map((n) => visit.read("mixed", { id: `${visit.id}.${n}`, query: `&n=${n}&drops=${n % 2}` })),
      );
      const all = await visit.all(75);
      expect(numbers.map((n) => all[n]?.map(({ name, type }) => `${name} ${type}`).sort())).toEqual(
        numbers.map((n) => (n % 2 === 1 ? ["dropped canceled", "own completed"] : ["own completed"])),
      );
    },
  },
  {
    text: 'with `onCancel: "consume"` the source is read to its end after the client left, and then the callback runs',
    from: "own",
    async run(visit) {
      const answer = await visit.send("drains");
      await answer.readAtLeast(1_000);
      await answer.leave();
      // Only then: on a busy machine the source was at its end before its client had left.
      await visit.heard();
      await visit.release();
      const { type, bytes, consumed } = await visit.outcome();
      expect([type, consumed?.whole, bytes + (consumed?.bytes ?? 0)]).toEqual(["canceled", true, 100_000]);
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
    slow: true,
    async run(visit) {
      expect(await visit.read("dropped")).toBe("another one");
      expect(await visit.outcome("dropped")).toMatchObject(ABANDONED);
    },
  },
  {
    text: "a response that was built and not sent, where another of ours is: each ends once, as itself",
    from: "own",
    slow: true,
    async run(visit) {
      expect(await visit.read("replaced")).toBe("Hello, world");
      expect(await visit.outcome("dropped")).toMatchObject(ABANDONED);
      expect(await visit.outcome("own")).toMatchObject({ type: "completed", bytes: 12 });
    },
  },
  {
    text: "what is built while the answer goes out, and after it, belongs to no request: it ends when it is read",
    from: "own",
    async run(visit) {
      expect((await visit.read("builds-late")).length).toBe(40_000);
      const events = await visit.ended(["own", "meanwhile", "afterwards"]);
      const order = events.map((event) => ("name" in event ? `${event.name} ${event.type}` : event.at));
      // Which of the two that are read at once comes first is nobody's promise.
      expect(order.slice(0, 2)).toEqual(["own completed", "reads"]);
      expect(order.slice(2).sort()).toEqual(["afterwards completed", "meanwhile completed"]);
    },
  },
  {
    text: "one wrapped handler in another: the callback of each runs once, and all are told the same",
    from: "own",
    ways: ["wrapped"],
    on: onSockets,
    async run(visit) {
      for (const [route, method, type] of [
        ["string", "GET", "completed"],
        ["stream", "GET", "completed"],
        ["string", "HEAD", "completed"],
        ["nothing", "GET", "completed"],
        ["throws-after-building", "GET", "errored"],
      ] as const) {
        const id = `${visit.id}.${route}-${method}`;
        const answer = await visit.running.client.send(`/nested/${route}?id=${id}`, method);
        await answer.readAll();
        const told = callbacksIn(await visit.ended(["own", "inner", "outer"], id));
        expect(told.map((event) => `${event.name} ${event.type}`).sort()).toEqual(
          ["inner", "outer", "own"].map((name) => `${name} ${type}`),
        );
        expect(new Set(told.map(({ observed }) => observed)).size).toBe(1);
      }
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
