import { expect } from "vitest";
import { type Sentence, TOLD } from "../sentence.ts";

/** Those of the callback that the adapter was given. */
const told = { ways: TOLD };

export const django: readonly Sentence[] = [
  {
    text: "the adapter's callback runs exactly once per request: read to the end",
    from: "Django request_finished",
    ...told,
    async run(visit) {
      for (const route of ["string", "stream", "nothing", "plain-string", "plain-stream"]) {
        const id = `${visit.id}.${route}`;
        await visit.read(route, { id, told: true });
        expect(await visit.outcome("adapter", id)).toMatchObject({ type: "completed" });
      }
    },
  },
  {
    text: "the adapter's callback runs exactly once per request: the client leaves before the handler has answered",
    from: "Django request_finished (ASGI)",
    ...told,
    async run(visit) {
      await visit.leaveWaiting("late", { told: true });
      expect(await visit.signaled("adapter")).toMatchObject({ type: "canceled" });
      expect(await visit.signaled("own")).toMatchObject({ type: "canceled" });
    },
  },
  {
    text: "the adapter's callback runs exactly once per request: the client leaves before a plain response",
    from: "Django request_finished (ASGI)",
    ...told,
    async run(visit) {
      await visit.leaveWaiting("late-plain", { told: true });
      expect(await visit.signaled("adapter")).toMatchObject({ type: "canceled" });
    },
  },
  {
    text: "the adapter's callback runs exactly once per request: `HEAD`",
    from: "Django request_finished",
    ...told,
    async run(visit) {
      for (const route of ["string", "stream", "plain-string", "plain-stream"]) {
        const id = `${visit.id}.${route}`;
        await visit.read(route, { id, told: true, method: "HEAD" });
        expect(await visit.outcome("adapter", id)).toMatchObject({
          type: "completed",
          bytes: 0,
          observed: visit.sees.empty,
        });
      }
    },
  },
  {
    text: "the adapter's callback runs exactly once per request: the client leaves in the middle",
    from: "Django request_finished (ASGI)",
    ...told,
    async run(visit) {
      const answer = await visit.send("endless", { told: true });
      await answer.readAtLeast(2_000);
      await answer.leave();
      expect(await visit.outcome("adapter")).toMatchObject({ type: "canceled", phase: "mid-body" });
      expect(await visit.outcome("own")).toMatchObject({ type: "canceled", phase: "mid-body" });
    },
  },
  {
    text: "the adapter's callback runs exactly once per request: the source fails",
    from: "Django request_finished",
    ...told,
    async run(visit) {
      const answer = await visit.send("fails-late", { told: true });
      await answer.readAll().catch(() => {});
      expect(await visit.outcome("adapter")).toMatchObject({ type: "errored", error: "source failed" });
      expect(await visit.outcome("own")).toMatchObject({ type: "errored", error: "source failed" });
    },
  },
  {
    text: "the adapter's callback runs exactly once per request: the handler throws",
    from: "Django request_finished",
    ...told,
    async run(visit) {
      expect(await visit.status("throws-after-building", { told: true })).toBe(500);
      expect(await visit.outcome("adapter")).toMatchObject({ type: "errored", error: "handler failed" });
      expect(await visit.outcome("own")).toMatchObject({ type: "errored", error: "handler failed" });
      const id = `${visit.id}.early`;
      expect(await visit.status("throws-early", { id, told: true })).toBe(500);
      expect(await visit.outcome("adapter", id)).toMatchObject({ type: "errored", error: "handler failed", bytes: 0 });
    },
  },
];
