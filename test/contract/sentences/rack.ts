import { expect } from "vitest";
import { KINDS } from "../app/bodies.ts";
import { ADAPTED, type Sentence } from "../sentence.ts";
import type { Visit } from "../visit.ts";

/** What happens to the lock of a request. */
async function locks(visit: Visit, id: string): Promise<string[]> {
  return (await visit.events(id)).map(({ at }) => at).filter((at) => at.endsWith("locked"));
}

export const rack: readonly Sentence[] = [
  {
    text: "what a callback releases is held until the body has ended, and released once",
    from: "Rack::Lock, Rack::TempfileReaper",
    async run(visit) {
      const answer = await visit.send("lock", { query: "&kind=gated" });
      await answer.readAtLeast(1_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(await locks(visit, visit.id)).toEqual(["locked"]);
      await visit.release();
      await answer.readAll();
      await visit.noted("unlocked");
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(await locks(visit, visit.id)).toEqual(["locked", "unlocked"]);
    },
  },
  {
    text: "what a callback releases is released too when the client leaves, and when the source fails",
    from: "Rack::Lock, Rack::TempfileReaper",
    async run(visit) {
      for (const kind of ["endless", "fails"]) {
        const id = `${visit.id}.${kind}`;
        const answer = await visit.send("lock", { id, query: `&kind=${kind}` });
        if (kind === "fails") await answer.readAll().catch(() => {});
        else {
          await answer.readAtLeast(2_000);
          await answer.leave();
        }
        await visit.noted("unlocked", id);
        expect(await locks(visit, id)).toEqual(["locked", "unlocked"]);
      }
    },
  },
  {
    text: "what a callback releases is released too when the handler throws after it built the response",
    from: "Rack::Lock, Rack::TempfileReaper",
    ways: ADAPTED,
    async run(visit) {
      expect(await visit.status("lock", { query: "&kind=throws" })).toBe(500);
      await visit.noted("unlocked");
      expect(await locks(visit, visit.id)).toEqual(["locked", "unlocked"]);
    },
  },
  {
    text: "a middleware that reads a copy to make a tag, and answers 304 to who has it: the response ends once",
    from: "Rack::ConditionalGet, Rack::ETag",
    async run(visit) {
      for (const [has, status, length] of [
        ["0", 200, 12],
        ["12", 304, 0],
      ] as const) {
        const id = `${visit.id}.${status}`;
        const answer = await visit.send("tagged", { id, query: `&has=${has}` });
        expect([answer.status, (await answer.readAll()).byteLength]).toEqual([status, length]);
        const { type } = await visit.outcome("own", id);
        // The class alone sees a cancel, and `handOver` another response; the others see that a 304 was all there was to say.
        const canceled = status === 304 && !ADAPTED.includes(visit.way);
        expect(type).toBe(canceled ? "canceled" : "completed");
      }
    },
  },
  {
    text: "each kind of body arrives as that of the plain response: the same bytes, and the same content-type",
    from: "Rack BodyProxy, Werkzeug test_wrappers",
    async run(visit) {
      for (const kind of KINDS) {
        const id = `${visit.id}.${kind}`;
        const [watched, plain] = [
          await visit.send("kind", { id, query: `&kind=${kind}` }),
          await visit.send("plain-kind", { id, query: `&kind=${kind}` }),
        ];
        const [bytes, plainBytes] = await Promise.all([watched.readAll(), plain.readAll()]);
        const type = plain.headers["content-type"];
        const faces = [
          [watched.headers["content-type"], String(bytes)],
          // The class of node-server calls every Blob text/plain.
          [kind === "blob" && `${type}`.startsWith("text/plain") ? "text/html" : type, String(plainBytes)],
        ].map((face) => String(face).replaceAll(/-{2,}[\w-]+|(?<=boundary=)[\w-]+/g, "boundary"));
        expect(faces[0]).toBe(faces[1]);
        expect(await visit.outcome("own", id)).toMatchObject({ type: "completed", bytes: bytes.byteLength });
      }
    },
  },
];
