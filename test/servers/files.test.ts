// Bodies that can fail late. A file that is gone when it is read was told as completed on Bun,
// where the server opens it itself; and of a range the whole was told.
import { once } from "node:events";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import type { Event } from "./outcomes/app.ts";
import { starts, Visit } from "./outcomes/hosts.ts";

const ways = ["alone", "wrapped", "told", "hono", "logged"];

/** What went out, as far as it went. */
async function get(visit: Visit, path: string, headers: Record<string, string> = {}) {
  const outgoing = request(visit.url(path), { headers, agent: false });
  outgoing.end();
  const [message] = (await once(outgoing, "response").catch(() => [])) as [import("node:http").IncomingMessage?];
  outgoing.on("error", () => {});
  let bytes = 0;
  let whole = message !== undefined;
  try {
    for await (const piece of message ?? []) bytes += (piece as Buffer).byteLength;
  } catch {
    whole = false;
  }
  return { status: message?.statusCode ?? 0, bytes, whole };
}

const told = (visit: Visit, way: string): Promise<Event> => visit.told(way === "logged" ? "line" : "told");

describe.each(starts.filter(([name]) => /Node|Bun/.test(name)))("%s", (name, start) => {
  let running: Running;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(() => running?.close());

  const cases = ways.flatMap((way) => ["small", "large"].map((size) => [way, size] as const));

  test.concurrent.for(cases)("%s: a file that is there, %s, completes", async ([way, size]) => {
    const visit = new Visit(running);
    const sent = await get(visit, `/${way}/file-${size}`);
    expect(sent).toMatchObject({ status: 200, whole: true, bytes: size === "small" ? 1_000 : 200_000 });
    const { type, bytes } = await told(visit, way);
    expect(type).toBe("completed");
    // Or 0, where nobody counts them.
    expect([0, sent.bytes]).toContain(bytes);
  });

  for (const [how, what] of [
    ["gone", "that is gone"],
    ["going", "that is gone once the response was built"],
    ["cut", "that is shorter since"],
  ] as const) {
    describe(`a file ${what}`, () => {
      // What Bun makes of a file in a plain response nobody can know.
      const known = cases.filter(([way]) => name !== "Bun" || ["alone", "wrapped"].includes(way));
      test.concurrent.for(known)("%s: %s, is errored, unless all that there is went out", async ([way, size]) => {
        const visit = new Visit(running);
        const sent = await get(visit, `/${way}/file-${size}-${how}`);
        const { type } = await told(visit, way);
        // Bun sends what there is.
        expect(type).toBe(sent.whole && sent.status === 200 ? "completed" : "errored");
      });

      // Under an adapter of Node a fixed body is counted when it is handed over.
      const counted = cases.filter(([way]) => way !== "wrapped" || name === "Bun");
      test.concurrent.for(counted)("%s: %s, has no bytes that did not go out", async ([way, size]) => {
        const visit = new Visit(running);
        const sent = await get(visit, `/${way}/file-${size}-${how}`);
        const { bytes } = await told(visit, way);
        expect([0, sent.status === 200 ? sent.bytes : 0]).toContain(bytes);
      });
    });
  }

  if (name !== "Bun") return;
  test.concurrent.for(["alone", "wrapped"] as const)(
    "%s: a range of a file is told as it went out, or its bytes are left out",
    async (way, { expect }) => {
      const visit = new Visit(running);
      const sent = await get(visit, `/${way}/file-small`, { range: "bytes=0-99" });
      const { type, status, bytes } = await told(visit, way);
      expect(type).toBe("completed");
      expect.soft([0, sent.bytes]).toContain(bytes);
      expect.soft(status).toBe(sent.status);
    },
  );
});
