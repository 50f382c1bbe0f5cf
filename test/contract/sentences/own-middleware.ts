import { expect } from "vitest";
import type { Answer } from "../client.ts";
import type { Sentence } from "../sentence.ts";
import { startUpstream } from "../upstream.ts";
import type { Visit } from "../visit.ts";

/** What the outer logger writes, as JSON. */
interface Line {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly type: string;
  readonly bytes: number;
  readonly observed: string;
  readonly duration: number;
  readonly firstByte?: number;
}

const readAll = async (answer: Answer): Promise<unknown> => answer.readAll();

interface Asked {
  readonly method?: string;
  readonly act?: (answer: Answer) => Promise<unknown>;
  /** The client is told nothing by which it could end it. */
  readonly unanswered?: true;
}

/** Asks for a route that is logged twice; fulfils with what the outer logger wrote, once the inner one said the same. */
async function lineOf(visit: Visit, route: string, { method = "GET", act = readAll, unanswered }: Asked = {}) {
  const id = `${visit.id}.${route}-${method}`;
  const path = visit.path(`logged/${route}`, { id });
  const sent = visit.send(`logged/${route}`, { id, method });
  await sent.then(act, (error) => {
    if (!unanswered) throw error;
  });
  const linesIn = (events: readonly object[]) =>
    events.filter((event) => "line" in event) as { name: string; line: string }[];
  await visit.until((events) => linesIn(events).length >= 2, id);
  await new Promise((resolve) => setTimeout(resolve, 60));
  const lines = linesIn(await visit.events(id));
  // One of each, and no second one of either.
  expect(lines.map(({ name }) => name).sort()).toEqual(["inner", "outer"]);
  const [inner, outer] = ["inner", "outer"].map((name) => lines.find((line) => line.name === name)?.line as string);
  const line = JSON.parse(outer as string) as Line;
  expect([line.method, line.path]).toEqual([method, path]);
  const times = `T ms${line.bytes > 0 ? ", first byte T ms" : ""}`;
  expect(inner?.replace(/\d+(\.\d)? ms/g, "T ms")).toBe(
    `${method} ${path} ${line.status} ${line.bytes} bytes ${times}, ${line.type} (${line.observed})`,
  );
  return line;
}

export const ownMiddleware: readonly Sentence[] = [
  {
    text: "middleware: each of two loggers writes one line, in the same words, of a text and of a stream",
    from: "Hono logger(), own",
    async run(visit) {
      expect(await lineOf(visit, "plain-string")).toMatchObject({ status: 200, type: "completed", bytes: 12 });
      const line = await lineOf(visit, "plain-stream");
      expect(line).toMatchObject({ status: 200, type: "completed", bytes: 5_000 });
      // Six pauses of 5 ms: a logger that measures until the handler returns would say less.
      expect(line.duration).toBeGreaterThan(20);
      expect(line.firstByte).toBeLessThanOrEqual(line.duration);
    },
  },
  {
    text: "middleware: a logger says canceled of a client that left in the middle",
    from: "Hono logger(), own",
    async run(visit) {
      const act = async (answer: Answer) => {
        await answer.readAtLeast(2_000);
        await answer.leave();
      };
      const line = await lineOf(visit, "plain-endless", { act });
      expect(line).toMatchObject({ status: 200, type: "canceled" });
      expect(line.bytes).toBeGreaterThanOrEqual(2_000);
    },
  },
  {
    text: "middleware: a logger says errored of a source that failed",
    from: "Hono logger(), own",
    async run(visit) {
      const act = (answer: Answer) => readAll(answer).catch(() => {});
      expect(await lineOf(visit, "plain-fails", { act })).toMatchObject({ status: 200, type: "errored", bytes: 1_000 });
    },
  },
  {
    text: "middleware: a logger says 500 of a handler that threw",
    from: "Hono logger(), own",
    async run(visit) {
      const line = await lineOf(visit, "throws-early", { unanswered: true });
      // Hono answers by itself.
      expect(line).toMatchObject({ status: 500, type: visit.way === "hono" ? "completed" : "errored" });
    },
  },
  {
    text: "middleware: a logger says completed, with no bytes, of `HEAD` and of an answer without a body",
    from: "Hono logger(), own",
    async run(visit) {
      for (const [route, method, status] of [
        ["plain-string", "HEAD", 200],
        ["plain-stream", "HEAD", 200],
        ["plain-nothing", "GET", 204],
        ["plain-redirect", "GET", 303],
      ] as const) {
        expect(await lineOf(visit, route, { method })).toMatchObject({ status, type: "completed", bytes: 0 });
      }
    },
  },
  {
    text: "middleware: a `ResponseThen` that is logged has its own callback called, once and before",
    from: "own",
    async run(visit) {
      const line = await lineOf(visit, "string");
      expect(line).toMatchObject({ status: 200, type: "completed", bytes: 12 });
      const events = await visit.events(`${visit.id}.string-GET`);
      expect(events.map(({ at }) => at)).toEqual(["callback", "line", "line"]);
    },
  },
  {
    text: "middleware: headers are added, changed and deleted, also of what `fetch()` gave and of redirects",
    from: "own",
    async run(visit) {
      await using upstream = await startUpstream(1);
      const query = `&from=${encodeURIComponent(upstream.url)}`;
      const changed = { "x-old": "2", "x-new": "3", "x-gone": undefined };
      for (const [route, status, bytes] of [
        ["plain-headed", 200, 12],
        ["fetched", 203, 1_000],
        ["plain-redirect", 303, 0],
      ] as const) {
        const id = `${visit.id}.${route}`;
        const { headers, readAll, ...answer } = await visit.send(`logged/${route}`, { id, query });
        expect((await readAll()).byteLength).toBe(bytes);
        // A page that does not follow a redirect is told nothing more.
        if (status === 303 && !visit.host.sockets) continue;
        const seen = Object.fromEntries(Object.keys(changed).map((name) => [name, headers[name]]));
        expect([answer.status, seen]).toEqual([status, changed]);
      }
    },
  },
];
