// A hundred requests at once, and then as many on the same connections, each in an async context of its own: no callback
// sees anything of another request.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Running } from "../hosts/host.ts";
import { type Client, complaintsOf } from "./clients.ts";
import { type Ending, endings, failureOf, type Job, jobsOf } from "./jobs.ts";
import { servers } from "./servers.ts";

const COUNT = 108;

/** What is noted of a job when all is as it should be; without the listener. */
function expectedOf(way: string, job: Job): string[] {
  const { own, types } = endings[job.ending] as Ending;
  const type = types[way === "alone" ? 0 : 1];
  // What the adapter is told of is what goes out.
  const sent = job.ending === "dropped" ? "completed" : type;
  const adapter = way === "hono" && job.ending === "throws" ? "completed" : sent;
  const failure = failureOf(job);
  const names = ["own", "second", "finally", "added", "late", "finished", "after"];
  if (failure !== "none") names.push("onError");
  return [
    ...(own ? names.map((name) => `${name} ${type}`) : []),
    ...(own ? ["signal"] : []),
    ...(own && failure === "rejects" ? ["onError Error"] : []),
    ...(own && failure === "hangs" ? ["onError TimeoutError", "aborted"] : []),
    ...(job.ending === "written" ? ["written"] : []),
    ...(way === "alone" || way === "warmed" ? [] : [`adapter ${adapter}`]),
    ...(way === "nested" ? [`inner ${adapter}`] : []),
  ].sort();
}

describe.each(servers)("on $name", (server) => {
  let running: Running;
  let client: Client;
  const asked: string[] = [];
  beforeAll(async () => {
    running = await server.start();
    client = server.connect(running.port);
  });
  afterAll(async () => {
    client?.close();
    await running?.close();
  });

  const get = async (path: string) => {
    const chunks: Buffer[] = [];
    for await (const chunk of (await client.ask(`/${path}`)).body) chunks.push(chunk);
    return JSON.parse(Buffer.concat(chunks).toString());
  };
  const notesOf = async (round: string) => (await get(`notes?round=${round}`)) as Record<string, string[]>;
  /** Those that are compared here; the others have tests of their own. */
  const told = (notes: string[] = []) => notes.filter((note) => !/^(listener|onFinished)/.test(note)).sort();

  async function ended(way: string, round: string, jobs: readonly Job[]): Promise<Record<string, string[]>> {
    const due = async () => {
      const notes = await notesOf(round);
      return jobs.every((job) => told(notes[job.id]).length >= expectedOf(way, job).length);
    };
    await vi.waitUntil(due, { timeout: 15_000, interval: 100 }).catch(() => {});
    return notesOf(round);
  }

  test.each(server.ways)("%s: every callback sees what belongs to its own request, and nothing else", async (way) => {
    // Servers close connections that were idle for some seconds, which those of the way before may have been.
    client.close();
    client = server.connect(running.port);
    // Each of those is used once.
    if (way === "warmed") await get(`warm?count=${COUNT}`);
    const rounds = way === "warmed" ? [way] : [`${way}-first`, way];
    for (const round of rounds) {
      // On the connections of those before.
      asked.push(round);
      const jobs = jobsOf(round, COUNT, server.without);
      const complaints = await Promise.all(jobs.map((job) => complaintsOf(client, way, job)));
      expect(complaints.flat()).toEqual([]);
    }
    for (const round of rounds) await allRight(way, round);
  });

  async function allRight(way: string, round: string): Promise<void> {
    const jobs = jobsOf(round, COUNT, server.without);
    const notes = await ended(way, round, jobs);
    const wrong = jobs
      .map((job) => [job.id, job.ending, told(notes[job.id]), expectedOf(way, job)] as const)
      .filter(([, , found, expected]) => found.join() !== expected.join());
    expect(wrong).toEqual([]);
  }

  async function allNotes(name: string): Promise<string[]> {
    const rounds = await Promise.all(asked.map(notesOf));
    return rounds.flatMap((notes) => Object.values(notes).flat()).filter((note) => note.startsWith(name));
  }

  // It was: a response without callbacks of its own settles in the timer of its whole batch, in the context of whichever
  // response had set that.
  test("a listener of responseFinished is never called in the async context of another request", async () => {
    const notes = await allNotes("listener");
    expect(notes.length).toBeGreaterThan(asked.length * COUNT);
    expect(notes.filter((note) => note.includes(";"))).toEqual([]);
  });

  // It was: in that of the middleware.
  test.runIf(server.ways.includes("hono"))("Hono's onFinished runs in the context of its call", async () => {
    const notes = await allNotes("onFinished");
    expect(notes.length).toBeGreaterThan(10);
    expect(notes.filter((note) => note.includes(";"))).toEqual([]);
  });
});
