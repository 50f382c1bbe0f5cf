import { expect } from "vitest";
import type { Sentence } from "../sentence.ts";
import { startUpstream } from "../upstream.ts";

const passedOn = (url: string) => ({ query: `&from=${encodeURIComponent(url)}` });

/** The platforms that wait, and the servers. */
export const waiting: readonly Sentence[] = [
  {
    text: "the platform's own `waitUntil` waits until the callbacks have settled",
    from: "Next.js after(), service workers",
    on: ({ waits }, way) => waits?.includes(way) ?? false,
    async run(visit) {
      expect(await visit.read("takes-time")).toBe("Hello, world");
      const [waited] = await visit.noted("waited", `waited-${visit.id}`);
      expect(waited).toMatchObject({ after: ["callback", "begins", "ends"] });
    },
  },
  {
    text: "the server's own `close()` waits until the callbacks have settled",
    from: "srvx",
    ways: ["wrapped"],
    on: ({ closes }) => closes ?? false,
    async run(visit) {
      expect(await visit.ask("close")).toEqual(["the callback has settled", "the server is closed"]);
    },
  },
];

export const serviceWorkers: readonly Sentence[] = [
  {
    text: "the client has the first chunk before the second is made",
    from: "WPT service-workers (respondWith a stream)",
    async run(visit) {
      const answer = await visit.send("gated");
      expect(await answer.readAtLeast(1_000)).toBe(1_000);
      expect(await visit.ask("pulled")).toBe(1_000);
      await visit.release();
      expect((await answer.readAll()).byteLength).toBe(1_000);
      await visit.outcome();
    },
  },
  {
    text: "what another server answers is passed on whole: status, headers, body",
    from: "WPT service-workers (respondWith a fetch)",
    async run(visit) {
      await using upstream = await startUpstream(20);
      const answer = await visit.send("upstream", passedOn(upstream.url));
      expect([answer.status, answer.headers["content-type"]]).toEqual([203, "text/upstream"]);
      expect((await answer.readAll()).byteLength).toBe(20_000);
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 20_000, status: 203 });
    },
  },
  {
    text: "when the client leaves what another server answers, that server sees its own client leave",
    from: "WPT service-workers (a page aborts the fetch), own",
    async run(visit) {
      await using upstream = await startUpstream(Number.POSITIVE_INFINITY);
      const answer = await visit.send("upstream", passedOn(upstream.url));
      await answer.readAtLeast(3_000);
      await answer.leave();
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body" });
      await upstream.left;
    },
  },
];
