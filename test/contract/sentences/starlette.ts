import { performance } from "node:perf_hooks";
import { expect } from "vitest";
import type { Sentence } from "../sentence.ts";
import { callbacksIn } from "../visit.ts";
import { framingOf } from "./h3.ts";

const names = (events: readonly { at: string }[]) => events.map(({ at }) => at);

export const starlette: readonly Sentence[] = [
  {
    text: "the client has the whole body while a callback still waits",
    from: "Starlette BackgroundTask",
    async run(visit) {
      expect(await visit.read("waits")).toBe("Hello, world");
      expect(names(await visit.noted("begins"))).not.toContain("ends");
      await visit.release();
      expect(names(await visit.noted("ends")).sort()).toEqual(["begins", "callback", "ends"]);
    },
  },
  {
    text: "a callback that blocks begins after the client has its last byte",
    from: "Starlette BackgroundTask (a sync one)",
    serial: true,
    async run(visit) {
      for (const [route, length] of [
        ["blocks", 100_000],
        ["blocks-small", 10],
      ] as const) {
        // Run on the way to the client, the block would be part of what the answer takes, each time; a machine that is
        // busy is so now and then.
        let times: { answered: number; blocked: number } | undefined;
        for (let attempt = 0; attempt < 5 && !(times && times.blocked > times.answered); attempt++) {
          const id = `${visit.id}.${route}.${attempt}`;
          const start = performance.now();
          const answer = await visit.send(route, { id });
          expect((await answer.readAll()).byteLength).toBe(length);
          const answered = performance.now() - start;
          await visit.noted("callback", id);
          times = { answered, blocked: performance.now() - start - answered };
        }
        expect(times?.blocked).toBeGreaterThan(times?.answered ?? 0);
      }
    },
  },
  {
    text: "callbacks of two requests at once hold up neither the other's response nor each other",
    from: "Starlette BaseHTTPMiddleware (concurrent requests)",
    async run(visit) {
      const ids = [`${visit.id}.1`, `${visit.id}.2`];
      const bodies = await Promise.all(ids.map((id) => visit.read("waits", { id })));
      expect(bodies).toEqual(["Hello, world", "Hello, world"]);
      for (const id of ids) await visit.noted("begins", id);
      // The one that came second is let go first.
      for (const id of [...ids].reverse()) {
        await visit.release(id);
        await visit.noted("ends", id);
      }
    },
  },
  {
    text: "a middleware that wraps the body in a response of its own keeps the callback",
    from: "Starlette BaseHTTPMiddleware, Hono",
    async run(visit) {
      for (const [route, length] of [
        ["rewrapped", 5_000],
        ["rewrapped-string", 12],
      ] as const) {
        const id = `${visit.id}.${route}`;
        const answer = await visit.send(route, { id });
        expect([answer.status, (await answer.readAll()).byteLength]).toEqual([203, length]);
        expect(await visit.outcome("own", id)).toMatchObject({ type: "completed", bytes: length });
      }
    },
  },
  {
    text: "a middleware that wraps the body in a response of its own: a client that leaves in the middle cancels",
    from: "Starlette BaseHTTPMiddleware (#1438)",
    async run(visit) {
      const answer = await visit.send("rewrapped-endless");
      await answer.readAtLeast(2_000);
      await answer.leave();
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body" });
      expect(names(await visit.events()).filter((at) => at === "source canceled")).toHaveLength(1);
    },
  },
  {
    text: "a middleware that pipes the body through a `TransformStream`: a client that leaves in the middle cancels",
    from: "Starlette BaseHTTPMiddleware (#1438)",
    async run(visit) {
      const answer = await visit.send("piped-endless");
      await answer.readAtLeast(2_000);
      await answer.leave();
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body" });
      expect(names(await visit.events()).filter((at) => at === "source canceled")).toHaveLength(1);
    },
  },
  {
    text: "a callback that fails after a 204 is reported, and the client has its 204",
    from: "Starlette ServerErrorMiddleware",
    async run(visit) {
      const { status, readAll } = await visit.send("throws-after-204");
      await readAll();
      expect(status).toBe(204);
      expect(await visit.ended()).toMatchObject([
        { at: "onError", message: "callback failed" },
        { at: "callback", type: "completed", status: 204 },
      ]);
    },
  },
  {
    text: "an endless source is asked for nothing more once its client has left",
    from: "Starlette StreamingResponse, Django ASGI",
    async run(visit) {
      const answer = await visit.send("endless");
      await answer.readAtLeast(3_000);
      await answer.leave();
      await visit.outcome();
      const pulled = await visit.ask("pulled");
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await visit.ask("pulled")).toBe(pulled);
    },
  },
  {
    text: "an endless writer ends when its client has left: its next write is refused, and its signal aborts",
    from: "Starlette ClientDisconnect",
    async run(visit) {
      const answer = await visit.send("written-endless");
      await answer.readAtLeast(3_000);
      await answer.leave();
      const events = await visit.noted("writer ends");
      expect(events.find(({ at }) => at === "writer ends")).toMatchObject({ aborted: true });
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body" });
    },
  },
  {
    text: "a content-length that the application sets on a stream goes out as with the plain response, and none is invented",
    from: "Starlette BaseHTTPMiddleware (content-length)",
    async run(visit) {
      for (const route of ["measured", "stream"]) {
        const id = `${visit.id}.${route}`;
        const [watched, plain] = [await visit.send(route, { id }), await visit.send(`plain-${route}`)];
        expect(framingOf(watched)).toEqual(framingOf(plain));
        expect((await watched.readAll()).byteLength).toBe(5_000);
        await plain.readAll();
        // A client that has as much as it was told of may leave before the source says that this was all.
        expect(callbacksIn(await visit.ended(["own"], id))).toMatchObject([{ bytes: 5_000 }]);
      }
    },
  },
];
