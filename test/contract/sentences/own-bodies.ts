import { setTimeout as pause } from "node:timers/promises";
import { expect } from "vitest";
import { BY_ADAPTER, type Sentence } from "../sentence.ts";
import { headOf } from "./h3.ts";

const TOTAL = 512 * 65_536;

export const ownBodies: readonly Sentence[] = [
  {
    text: "the head is the plain response's",
    from: "own",
    async run(visit) {
      for (const kind of ["string", "stream"]) {
        const [watched, plain] = [await visit.send(kind), await visit.send(`plain-${kind}`)];
        await Promise.all([watched.readAll(), plain.readAll()]);
        expect(headOf(watched)).toEqual(headOf(plain));
      }
    },
  },
  {
    text: "a slow reader holds the source back, and the callback too",
    from: "own",
    async run(visit) {
      const answer = await visit.send("big");
      const first = await answer.readAtLeast(65_536);
      await pause(700);
      expect(await visit.ask("pulled")).toBeLessThan(TOTAL);
      expect(await visit.events()).toEqual([]);
      expect(first + (await answer.readAll()).byteLength).toBe(TOTAL);
      expect(await visit.ended()).toEqual([
        { at: "callback", name: "own", type: "completed", observed: visit.sees.body, bytes: TOTAL, status: 200 },
      ]);
    },
  },
  {
    text: "HEAD ends, whatever the server does with the body",
    from: "Rack::Head",
    async run(visit) {
      const answer = await visit.send("string", { method: "HEAD" });
      expect(answer.status).toBe(200);
      const { byteLength } = await answer.readAll();
      // A page is given what its service worker answers, asked for or not.
      if (visit.host.sockets) expect(byteLength).toBe(0);
      // Alone, the class sees what the server does.
      const read = { type: "completed", observed: "pulled", bytes: 12 };
      const alone = visit.host.head === "canceled" ? { type: "canceled" } : read;
      const unread = { type: "completed", observed: visit.sees.empty, bytes: 0 };
      const expected = visit.way === "alone" ? alone : unread;
      expect(await visit.ended()).toMatchObject([{ at: "callback", status: 200, ...expected }]);
    },
  },
  {
    text: "HEAD on a stream ends, whatever the server does with the body",
    from: "Rack::Head",
    async run(visit) {
      const { byteLength } = await (await visit.send("stream", { method: "HEAD" })).readAll();
      if (visit.host.sockets) expect(byteLength).toBe(0);
      const outcome = await visit.outcome();
      const unread = { type: "completed", observed: visit.sees.empty, bytes: 0 };
      // Alone, the class sees a server read it, cancel it, do the one and then the other, or do neither.
      expect(outcome).toMatchObject(visit.way === "alone" ? { status: 200 } : unread);
    },
  },
  {
    text: "HEAD on an endless source ends at once, and the source is canceled",
    from: "Rack::Head",
    ways: BY_ADAPTER,
    async run(visit) {
      const answer = await visit.send("endless", { method: "HEAD" });
      expect((await answer.readAll()).byteLength).toBe(0);
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 0 });
      expect((await visit.events()).filter(({ at }) => at === "source canceled")).toHaveLength(1);
    },
  },
  {
    text: "204 ends",
    from: "own",
    async run(visit) {
      const answer = await visit.send("nothing");
      expect(answer.status).toBe(204);
      await answer.readAll();
      expect(await visit.ended()).toEqual([
        { at: "callback", name: "own", type: "completed", observed: visit.sees.empty, bytes: 0, status: 204 },
      ]);
    },
  },
  {
    text: "304 ends",
    from: "own",
    async run(visit) {
      const answer = await visit.send("not-modified");
      expect([answer.status, answer.headers.etag]).toEqual([304, '"a"']);
      await answer.readAll();
      expect(await visit.ended()).toEqual([
        { at: "callback", name: "own", type: "completed", observed: visit.sees.empty, bytes: 0, status: 304 },
      ]);
    },
  },
  {
    text: "an empty string ends, with no bytes",
    from: "own",
    async run(visit) {
      expect(await visit.read("empty")).toBe("");
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 0, observed: visit.sees.short });
    },
  },
  {
    text: "a fixed body of 5 kB, and one of 20 MB, end when they are read, with all of their bytes",
    from: "own",
    async run(visit) {
      for (const [route, length, observed] of [
        ["medium", 5_000, visit.sees.short],
        ["large", 20_000_000, visit.sees.body],
      ] as const) {
        const id = `${visit.id}.${route}`;
        const answer = await visit.send(route, { id });
        expect((await answer.readAll()).byteLength).toBe(length);
        expect(await visit.outcome("own", id)).toMatchObject({ type: "completed", observed, bytes: length });
      }
    },
  },
  {
    text: "a string of 20 kB that its client never reads has ended: the operating system has it",
    from: "own",
    async run(visit) {
      const answer = await visit.send("unread");
      expect(await visit.outcome()).toMatchObject({ type: "completed", observed: visit.sees.short, bytes: 20_000 });
      await answer.leave();
    },
  },
  {
    text: "`ResponseThen.json()` arrives as JSON, and ends",
    from: "own",
    async run(visit) {
      const answer = await visit.send("json");
      expect([answer.status, String(answer.headers["content-type"]).split(";")[0]]).toEqual([201, "application/json"]);
      expect(JSON.parse(String(await answer.readAll()))).toEqual({ a: [1, "ü"] });
      expect(await visit.outcome()).toMatchObject({ type: "completed", status: 201, bytes: 14 });
    },
  },
  {
    text: "ten thousand tiny chunks arrive, and are counted",
    from: "own",
    async run(visit) {
      const body = await visit.read("tiny");
      expect([body.length, new Set(body)]).toEqual([10_000, new Set(["c"])]);
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 10_000 });
    },
  },
  {
    text: "one chunk of 64 MB whose client leaves after 300 kB is canceled in the middle of the body",
    from: "own",
    serial: true,
    ways: ["alone"],
    async run(visit) {
      const answer = await visit.send("huge");
      await answer.readAtLeast(300_000);
      await answer.leave();
      const outcome = await visit.outcome();
      expect(outcome).toMatchObject({ type: "canceled", phase: "mid-body" });
      expect(outcome.bytes).toBeLessThan(67_108_864);
    },
  },
  {
    text: "chunks without bytes end nothing",
    from: "own",
    async run(visit) {
      expect(await visit.read("hollow")).toBe("ccccc");
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 5 });
    },
  },
  {
    text: "a readable byte stream arrives whole, however the server reads it",
    from: "own",
    async run(visit) {
      expect(await visit.read("bytes")).toBe("b".repeat(5_000));
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 5_000 });
    },
  },
  {
    text: "a short fixed body goes out with the framing of the plain response",
    from: "Starlette, Rack (content-length)",
    ways: BY_ADAPTER,
    async run(visit) {
      const [ours, plain] = [await visit.send("string"), await visit.send("plain-string")];
      const framing = [ours, plain].map(({ headers }) => [headers["content-length"], headers["transfer-encoding"]]);
      expect(framing[0]).toEqual(framing[1]);
      await Promise.all([ours.readAll(), plain.readAll()]);
    },
  },
];
