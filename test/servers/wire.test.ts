// What a client gets, byte for byte: every answer of ours against the plain Response's, by a raw socket, on the servers
// of Node, Bun and Deno. What is otherwise is in the table of wire/differences, and asserted.
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { knownDifferences, named, type Way } from "./wire/differences/index.ts";
import { differencesOf } from "./wire/differences-of.ts";
import { expectedEndings } from "./wire/endings.ts";
import { type Exchange, exchange } from "./wire/raw-client.ts";
import { type Asking, requests } from "./wire/requests.ts";
import { servers } from "./wire/servers.ts";

/** The cases that the server answers by itself, or by a status of the case. */
const FAILING = ["500", "throws", "rejects"];

describe.each(servers)("$name", (server) => {
  let without: Running;
  let ours: Running;

  beforeAll(async () => {
    // Each for itself: if one does not start, the other one is closed all the same.
    await Promise.all([
      server.start("without").then((running) => {
        without = running;
      }),
      server.start("ours").then((running) => {
        ours = running;
      }),
    ]);
  });
  afterAll(() => Promise.all([without?.close(), ours?.close()]));

  const ways: readonly [Way, string][] = [
    ["class", "a ResponseThen without an adapter"],
    ["adapter", "a ResponseThen by the adapter"],
    ["untouched", "a plain Response by the adapter"],
    ["callback", "a plain Response by the adapter, with a callback"],
  ];
  test.each(ways)("%s: %s is as without us, but for the table; its callback runs once", async (way) => {
    const found: Record<string, string[]> = {};
    const known: Record<string, string[]> = {};
    const endings: Record<string, string[]> = {};
    await askAll(async (asking, name) => {
      const path = `/${way}/${name}/${asking.name}`;
      const plain = await exchange(without.port, path, asking);
      const sent = await exchange(ours.port, path, asking);
      expect(failed(plain), `${path} failed without us`).toBe(FAILING.includes(name));
      found[path] = differencesOf(plain, sent).sort();
      known[path] = knownDifferences(server.name, way, asking.name, name);
      const expected = expectedEndings(server.name, way, asking, name, plain, sent);
      if (expected.length > 0) endings[path] = expected;
    });
    expect.soft(withoutEmpty(found)).toEqual(withoutEmpty(known));
    expect.soft(await recordsOf(way, endings)).toEqual(endings);
  });

  test("no callback ran a second time, and none failed", async () => {
    const before = await records();
    await pause(200);
    expect(await records()).toEqual(before);
    expect(Object.values(before).flat()).not.toContain("the same response again");
    expect(ours.complaints()).not.toContain("response-then: ");
  });

  async function records(): Promise<Record<string, string[]>> {
    return (await fetch(`http://127.0.0.1:${ours.port}/records`)).json();
  }

  /** What the callbacks of a way saw, once as many have run as there should. */
  async function recordsOf(way: Way, endings: Record<string, string[]>): Promise<Record<string, string[]>> {
    const wanted = Object.values(endings).flat().length;
    const begun = performance.now();
    for (;;) {
      const all = Object.entries(await records()).filter(([path]) => path.startsWith(`/${way}/`));
      const some = withoutEmpty(Object.fromEntries(all));
      if (Object.values(some).flat().length >= wanted || performance.now() - begun > 15_000) {
        // The bytes are compared where the case says them.
        const cut = (path: string, list: string[]) =>
          list.map((text, i) => (endings[path]?.[i]?.includes(" ") ? text : text.replace(/ .*/, "")));
        return Object.fromEntries(Object.entries(some).map(([path, list]) => [path, cut(path, list)]));
      }
      await pause(50);
    }
  }
});

test("the table names no server, request or case that there is not", () => {
  const of = (list: readonly string[]) => (name: string) => !list.includes(name);
  expect([...named.servers].filter(of(servers.map(({ name }) => name)))).toEqual([]);
  expect([...named.requests].filter(of(requests.map(({ name }) => name)))).toEqual([]);
  expect([...named.cases].filter(of(requests.flatMap(({ cases }) => cases)))).toEqual([]);
});

/** A few at a time, and all of them. */
async function askAll(ask: (asking: Asking, name: string) => Promise<void>): Promise<void> {
  const all = requests.flatMap((asking) => asking.cases.map((name) => [asking, name] as const));
  const next = all.values();
  const worker = async () => {
    for (const [asking, name] of next) await ask(asking, name);
  };
  await Promise.all(Array.from({ length: 12 }, worker));
}

function failed({ answers }: Exchange): boolean {
  return answers.some(({ head }) => head[0]?.startsWith("HTTP/1.1 5"));
}

function withoutEmpty(record: Record<string, string[]>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(record).filter(([, list]) => list.length > 0));
}
