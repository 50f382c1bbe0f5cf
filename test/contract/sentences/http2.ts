import { expect } from "vitest";
import type { Host } from "../host.ts";
import { openSession, sendOn } from "../http2-client.ts";
import type { Sentence } from "../sentence.ts";

const on = ({ http2 }: Host) => http2 ?? false;

export const http2: readonly Sentence[] = [
  {
    text: "requests at once on one connection of HTTP/2 end once each, also when one of them is reset",
    from: "own",
    on,
    async run(visit) {
      const session = openSession(visit.running.port as number);
      const ids = [0, 1, 2].map((n) => `${visit.id}.${n}`);
      const [whole, left, short] = await Promise.all(
        ["stream", "endless", "string"].map((route, n) => sendOn(session, visit.path(route, { id: ids[n] as string }))),
      );
      const bodies = Promise.all([whole?.readAll(), short?.readAll()]);
      await left?.readAtLeast(1_500);
      await left?.leave();
      expect((await bodies).map((body) => body?.byteLength)).toEqual([5_000, 12]);
      const types = ["completed", "canceled", "completed"];
      for (const [n, id] of ids.entries()) {
        expect(await visit.outcome("own", id)).toMatchObject({ type: types[n] });
      }
      session.destroy();
    },
  },
];
