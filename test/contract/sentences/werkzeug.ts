import { expect } from "vitest";
import type { Sentence } from "../sentence.ts";

export const werkzeug: readonly Sentence[] = [
  {
    text: "a body that fails does not end cleanly on the wire",
    from: "Werkzeug test_serving (truncation)",
    async run(visit) {
      for (const route of ["fails", "fails-late"]) {
        const end = await visit.read(route, { id: `${visit.id}.${route}` }).then(
          () => "clean",
          () => "cut",
        );
        expect([route, end]).toEqual([route, "cut"]);
      }
    },
  },
  {
    text: "what was given before a failure reaches the client",
    from: "Werkzeug test_serving (truncation)",
    async run(visit) {
      // It fails when the client has the bytes: a failure drops what Chromium has not read yet.
      const answer = await visit.send("gated-fails");
      expect(await answer.readAtLeast(1_000)).toBe(1_000);
      await visit.release();
      await answer.readAll().catch(() => {});
      expect(await visit.outcome()).toMatchObject({ type: "errored", bytes: 1_000 });
    },
  },
  {
    text: "when the client leaves, the source's own cancel comes before the callback",
    from: "Werkzeug call_on_close, PEP 3333",
    async run(visit) {
      const answer = await visit.send("endless");
      await answer.readAtLeast(2_000);
      await answer.leave();
      expect((await visit.ended()).map(({ at }) => at)).toEqual(["source canceled", "callback"]);
    },
  },
  {
    text: "a source that fails takes its own response with it, and not the server",
    from: "srvx, Hono",
    async run(visit) {
      const failing = await Promise.all(
        ["1", "2", "3"].map((n) => visit.send("fails-late", { id: `${visit.id}.${n}` })),
      );
      const whole = visit.read("stream");
      for (const answer of failing) await answer.readAll().catch(() => {});
      expect((await whole).length).toBe(5_000);
      expect(await visit.read("string", { id: `${visit.id}.after` })).toBe("Hello, world");
    },
  },
];
