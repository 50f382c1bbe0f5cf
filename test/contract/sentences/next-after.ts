import { expect } from "vitest";
import { ADAPTED, onSockets, type Sentence } from "../sentence.ts";

export const nextAfter: readonly Sentence[] = [
  {
    text: "a socket reset in the middle of the body cancels, and the source is canceled once",
    from: "Next.js after(), h3 onDispose, WPT service-workers",
    async run(visit) {
      const answer = await visit.send("endless");
      await answer.readAtLeast(3_000);
      await answer.leave("abort");
      const events = await visit.ended();
      expect(events.map(({ at }) => at).sort()).toEqual(["callback", "source canceled"]);
      expect(events.find(({ at }) => at === "callback")).toMatchObject({
        type: "canceled",
        observed: visit.sees.body,
        phase: "mid-body",
      });
    },
  },
  {
    text: "a client that closes its connection in the middle of the body cancels too",
    from: "WPT service-workers (a page cancels the body)",
    async run(visit) {
      const answer = await visit.send("endless");
      await answer.readAtLeast(3_000);
      await answer.leave("close");
      const outcome = await visit.outcome();
      expect(outcome).toMatchObject({ type: "canceled", observed: visit.sees.body, phase: "mid-body" });
      expect((await visit.events()).filter(({ at }) => at === "source canceled")).toHaveLength(1);
    },
  },
  {
    text: "a client that leaves while the source is idle cancels it at once",
    from: "Next.js after() (a hanging page), srvx",
    async run(visit) {
      const answer = await visit.send("idle");
      await answer.readAtLeast(1_500);
      await answer.leave();
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body" });
      expect((await visit.events()).filter(({ at }) => at === "source canceled")).toHaveLength(1);
    },
  },
  {
    text: "a source that fails ends as errored, with its error",
    from: "Next.js after()",
    async run(visit) {
      // At once, and when the client has surely got the head.
      for (const route of ["fails", "fails-late"]) {
        const id = `${visit.id}.${route}`;
        const answer = await visit.send(route, { id }).catch(() => undefined);
        await answer?.readAll().catch(() => {});
        expect(await visit.ended(["own"], id)).toEqual([
          {
            at: "callback",
            name: "own",
            type: "errored",
            observed: visit.sees.body,
            bytes: 2_000,
            status: 200,
            phase: "mid-body",
            error: "source failed",
          },
        ]);
      }
    },
  },
  {
    text: "a source that fails before its first byte ends as errored, before the body",
    from: "Next.js after()",
    async run(visit) {
      const answer = await visit.send("fails-first").catch(() => undefined);
      await answer?.readAll().catch(() => {});
      expect(await visit.outcome()).toMatchObject({ type: "errored", phase: "before-body", bytes: 0 });
    },
  },
  {
    text: "a handler that throws after it built a response: its callback runs, errored with what was thrown",
    from: "Next.js after(), Rack events",
    ways: ADAPTED,
    async run(visit) {
      expect(await visit.status("throws-after-building")).toBe(500);
      expect(await visit.outcome()).toMatchObject({ type: "errored", error: "handler failed", phase: "before-body" });
    },
  },
  {
    text: "a handler that throws after it built a response after an `await`: its callback runs, errored with what was thrown",
    from: "Next.js after(), own",
    ways: ADAPTED,
    async run(visit) {
      expect(await visit.status("throws-late")).toBe(500);
      expect(await visit.outcome()).toMatchObject({ type: "errored", error: "handler failed", phase: "before-body" });
    },
  },
  {
    text: "a redirect ends",
    from: "Next.js after() (redirect())",
    async run(visit) {
      const { status, headers, readAll } = await visit.send("redirect");
      await readAll();
      // A page that does not follow it is told nothing more.
      if (visit.host.sockets) {
        // Next calls every host localhost.
        const location = String(headers.location).replace("//localhost:", "//127.0.0.1:");
        expect([status, location]).toEqual([303, `http://127.0.0.1:${visit.running.port}/elsewhere`]);
      }
      expect(await visit.ended()).toEqual([
        { at: "callback", name: "own", type: "completed", observed: visit.sees.empty, bytes: 0, status: 303 },
      ]);
    },
  },
  {
    text: "of a redirect that is followed, source and target end once each",
    from: "Next.js after() (redirect())",
    on: onSockets,
    async run(visit) {
      const target = `${visit.id}.target`;
      const { headers, readAll } = await visit.send("redirect-here", { query: `&target=${target}` });
      await readAll();
      expect(String(headers.location)).toMatch(new RegExp(`/${visit.way}/string\\?id=${target}$`));
      expect(await visit.read("string", { id: target })).toBe("Hello, world");
      expect(await visit.outcome()).toMatchObject({ type: "completed", status: 302 });
      expect(await visit.outcome("own", target)).toMatchObject({ type: "completed", status: 200 });
    },
  },
  {
    text: "an answer of 404, and one of 500, end as any other",
    from: "Next.js after() (notFound(), a thrown error)",
    async run(visit) {
      for (const status of [404, 500]) {
        const id = `${visit.id}.${status}`;
        const answer = await visit.send("status", { id, query: `&status=${status}` });
        expect([answer.status, String(await answer.readAll())]).toEqual([status, `this is ${status}`]);
        expect(await visit.outcome("own", id)).toMatchObject({ type: "completed", status, bytes: 11 });
      }
    },
  },
  {
    text: "a callback that takes its time runs to its end, after a whole response and after one whose client left",
    from: "Next.js after() (waitUntil), Starlette (a client that disconnects)",
    async run(visit) {
      expect(await visit.read("takes-time")).toBe("Hello, world");
      await visit.noted("ends");
      const id = `${visit.id}.left`;
      const answer = await visit.send("takes-time-endless", { id });
      await answer.readAtLeast(2_000);
      await answer.leave();
      const events = await visit.noted("ends", id);
      expect(events.map(({ at }) => at)).toEqual(["source canceled", "callback", "begins", "ends"]);
    },
  },
];
