// Every ending that a response can have on the servers of Node, Bun and Deno, by real sockets: exactly once each, by the
// class alone and with the adapter. The tables in docs/servers.md are written by this run with UPDATE_DOCS=1, and
// compared with it otherwise.
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Running } from "../hosts/host.ts";
import { leftScenarios } from "./endings/left-scenarios.ts";
import { readScenarios } from "./endings/read-scenarios.ts";
import type { Scenario } from "./endings/scenario.ts";
import { nestedSentences, sentences } from "./endings/sentences.ts";
import { servers } from "./endings/servers.ts";
import { Table } from "./endings/table.ts";
import { toldScenarios } from "./endings/told-scenarios.ts";
import { unsentScenarios } from "./endings/unsent-scenarios.ts";
import { Visit } from "./endings/visit.ts";
import { wordsFor, wordsOf } from "./endings/words.ts";

// Nearly all of the time is waiting.
vi.setConfig({ maxConcurrency: 40, testTimeout: 90_000 });

const scenarios = [...readScenarios, ...leftScenarios, ...unsentScenarios];
const alone = new Table();
const adapters = new Table();
let visits = 0;

describe.concurrent.each(servers.map((server) => [server.name, server] as const))("%s", (_name, server) => {
  let running: Running;

  beforeAll(async () => {
    running = await server.start();
  });
  afterAll(async () => {
    const visit = new Visit(server, running, "alone", "last");
    try {
      expect(String(await (await visit.send("string")).readAll())).toBe("Hello, world");
      // No callback of these tests fails, and what is ours prints nothing by itself.
      expect(running.complaints()).not.toMatch(/response-then:|released unread|unhandled|uncaught/i);
    } finally {
      visit.leave();
      await running.close();
    }
  });

  const { protocol } = server;

  const visiting = (text: string, way: string, check: (visit: Visit) => Promise<void>) =>
    test.concurrent(`${way}: ${text}`, async () => {
      const visit = new Visit(server, running, way, `v${++visits}`);
      try {
        await check(visit);
      } finally {
        visit.leave();
      }
    });

  const check = (scenario: Scenario, way: string, table: Table) => {
    const { text, route, method, status = 200, total = Number.POSITIVE_INFINITY, name = "own" } = scenario;
    const expected = wordsFor(scenario.told, server, way);
    if (expected === undefined || (scenario.http1 && protocol === "http2")) return;
    visiting(text, way, async (visit) => {
      await scenario.act(await visit.send(route, method), visit);
      const names = [...new Set([name, ...(scenario.beside ?? [])])];
      const told = await visit.callbacks(names, scenario.dropped);
      // Each once, and in the async context in which it was registered.
      expect(told.map(({ name }) => name).sort()).toEqual(names.sort());
      const one = told.find((event) => event.name === name) as (typeof told)[number];
      if (name !== "adapter") expect(one.store).toBe(visit.id);
      expect(one.status).toBe(status);
      expect(expected.split("; or ")).toContain(wordsOf(one, total));
      // As expected and not as seen: where it is one or the other by chance, the table says both.
      table.add(text, server.name, expected);
      const canceled = (await visit.events()).filter(({ at }) => at === "cancel").length;
      expect(canceled).toBeGreaterThanOrEqual(scenario.cancels ?? 0);
      expect(canceled).toBeLessThanOrEqual(scenario.cancels ?? 1);
      // What the runtime answers with after a throw is not ours.
      expect(one.sentId).toBe(status === 500 ? null : visit.id);
    });
  };

  for (const way of server.ways) {
    for (const scenario of scenarios) check(scenario, way, way === "alone" ? alone : adapters);
    for (const { text, only, check } of sentences) {
      if (only === undefined || only === protocol) visiting(text, way, check);
    }
  }
  for (const way of server.told) {
    for (const scenario of toldScenarios) check(scenario, way, adapters);
  }
  if (server.told.length > 0) {
    for (const { text, check } of nestedSentences) visiting(text, "nested", check);
  }
});

test.each([
  ["alone", alone],
  ["adapters", adapters],
])("the table %s in docs/servers.md is this run's", (name, table) => {
  const rows = [...scenarios, ...toldScenarios].map(({ text }) => text);
  const markdown = table.toMarkdown(
    rows,
    servers.map(({ name }) => name),
  );
  const file = new URL("../../docs/servers.md", import.meta.url);
  const page = readFileSync(file, "utf8");
  const [before = "", rest = ""] = page.split(`<!-- ${name} -->\n`);
  const [, after = ""] = rest.split(`\n<!-- /${name} -->`);
  const updated = `${before}<!-- ${name} -->\n${markdown}\n<!-- /${name} -->${after}`;
  if (process.env.UPDATE_DOCS === "1") writeFileSync(file, updated);
  else expect(page).toBe(updated);
});
