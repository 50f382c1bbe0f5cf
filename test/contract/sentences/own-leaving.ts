import { expect } from "vitest";
import { BY_ADAPTER, onHttp1, type Sentence } from "../sentence.ts";
import { startUpstream } from "../upstream.ts";
import { ask } from "./on-finished.ts";

export const ownLeaving: readonly Sentence[] = [
  {
    text: "a string of 20 MB whose client leaves after 100 kB is canceled in the middle of the body",
    from: "own",
    async run(visit) {
      const answer = await visit.send("large");
      await answer.readAtLeast(100_000);
      await answer.leave();
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body", observed: visit.sees.body });
    },
  },
  {
    text: "a client that says that it sends no more has left, while data flows and while the source is idle",
    from: "own",
    on: onHttp1,
    async run(visit) {
      for (const route of ["endless", "idle"]) {
        const id = `${visit.id}.${route}`;
        const socket = ask(visit, `GET ${visit.path(route, { id })} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        try {
          for (let read = 0; read < 1_500; ) {
            read += await new Promise<number>((resolve) => socket.once("data", ({ length }) => resolve(length)));
          }
          socket.resume();
          socket.end();
          expect(await visit.outcome("own", id)).toMatchObject({ type: "canceled", phase: "mid-body" });
        } finally {
          socket.destroy();
        }
      }
    },
  },
  {
    text: "a client that leaves before the handler answers with a stream, or with 20 MB: canceled",
    from: "Django ASGI, own",
    async run(visit) {
      for (const route of ["late-stream", "late-large"]) {
        const id = `${visit.id}.${route}`;
        await visit.leaveWaiting(route, { id });
        expect(await visit.outcome("own", id)).toMatchObject({ type: "canceled" });
      }
    },
  },
  {
    text: "a body that is as long as its content-length says is completed, though its client leaves before the source ends",
    from: "own",
    async run(visit) {
      const answer = await visit.send("measured-idle");
      await answer.readAtLeast(5_000);
      await answer.leave();
      expect(await visit.outcome()).toMatchObject({ type: "completed", bytes: 5_000, observed: "pulled" });
    },
  },
  {
    // Its leaving makes the source fail, on most runtimes before the server cancels: that was told as errored.
    text: "a proxy that gives `request.signal` to `fetch()`: a client that leaves is canceled, and ends the upstream",
    from: "own",
    on: onHttp1,
    async run(visit) {
      await using upstream = await startUpstream(Number.POSITIVE_INFINITY);
      const query = `&upstream=${encodeURIComponent(upstream.url)}`;
      const answer = await visit.send("proxied", { query });
      await answer.readAtLeast(1_500);
      await answer.leave();
      await upstream.left;
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "mid-body" });
    },
  },
  {
    text: "a client that leaves before the handler answers with a string: canceled, and nothing was sent",
    from: "own",
    ways: BY_ADAPTER,
    async run(visit) {
      await visit.leaveWaiting("late-string");
      expect(await visit.outcome()).toMatchObject({ type: "canceled", phase: "before-body", bytes: 0 });
    },
  },
];
