// Tests on one host that a response belongs to the request that sends it, with the table of scenarios. All scenarios
// run at the same time, so that those that take 6 s take 6 s in all.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Running } from "../hosts/host.ts";
import { hosts } from "./hosts.ts";
import type { Told } from "./run.ts";
import type { Received, Scenario, Way } from "./scenario.ts";
import { scenarios } from "./scenarios/index.ts";
import { ask, type Result, visit } from "./visitor.ts";

type Control = "plain" | "plain-hono";

const listens = (way: Way) => way === "shared" || way === "hono";
const controlOf = (way: Way): Control => (way === "hono" ? "plain-hono" : "plain");

/** Defines the tests of one host. */
export function touching(name: keyof typeof hosts): void {
  const host = hosts[name];
  const ways: readonly Way[] = host.ways;
  const possible = scenarios.filter(
    ({ crosses, needsLeft }) => (host.crosses || !crosses) && (host.tellsLeft || !needsLeft),
  );
  const of = (way: Way) => possible.filter(({ ways }) => ways === undefined || ways.includes(way));
  /** One server without a listener, and one with a listener. */
  const servers: Running[] = [];
  const results = new Map<string, Promise<Result>>();
  const resultOf = (way: Way | Control, scenario: Scenario) =>
    results.get(`${way} ${scenario.name}`) as Promise<Result>;

  beforeAll(async () => {
    // One after the other, because an environment variable says which binary of workerd is started.
    for (let i = 0; i < 2; i++) servers.push(await host.start());
    const [quiet, listening] = servers.map(({ port }) => port) as [number, number];
    await ask(listening, "listen");
    const start = (port: number, way: Way | Control, scenario: Scenario, names: readonly string[]) => {
      const result = visit(port, way, scenario, names);
      // If it fails, its own test reports that.
      result.catch(() => {});
      results.set(`${way} ${scenario.name}`, result);
    };
    for (const scenario of possible) {
      for (const way of new Set(ways.map(controlOf))) start(quiet, way, scenario, []);
    }
    for (const way of ways) {
      for (const scenario of of(way)) {
        start(listens(way) ? listening : quiet, way, scenario, Object.keys(expectedOf(way, scenario)));
      }
    }
  });
  afterAll(() => Promise.all(servers.map((server) => server.close())));

  describe.each(ways)(`${name}, %s`, (way) => {
    // Not with $name, because vitest cuts it.
    test.each(of(way).map((scenario) => [scenario.name, scenario] as const))(
      "%s",
      async (_, scenario) => {
        const [control, { received, told, end }] = await Promise.all([
          resultOf(controlOf(way), scenario),
          resultOf(way, scenario),
        ]);
        // First the scenario itself, with plain responses.
        expect(control.received.map(shape(scenario.received)), "the control").toEqual(scenario.received);
        expect.soft(received.map(shape(scenario.received))).toEqual(scenario.received);
        const wanted = control.received.map((each, i) => comparable(scenario, each, each, i));
        expect.soft(received.map((each, i) => comparable(scenario, each, control.received[i], i))).toEqual(wanted);
        const expected = expectedOf(way, scenario);
        expect.soft(wordsOf(told, way, scenario)).toEqual(expected);
        expect.soft(wrongTimes(told, end, scenario)).toEqual([]);
      },
      60_000,
    );

    test("nothing was told once more", async () => {
      for (const scenario of of(way)) {
        const { told } = await resultOf(way, scenario).catch(() => ({ told: undefined }));
        const again = await visit(
          servers[listens(way) ? 1 : 0]?.port as number,
          way,
          { ...scenario, visit: async () => [] },
          [],
        );
        if (told) expect.soft(again.told, scenario.name).toEqual(told);
      }
    });
  });

  test(`${name}: drain() comes back with nothing pending`, async () => {
    await Promise.allSettled(results.values());
    for (const { port } of servers) expect.soft(await ask(port, "drain/8000")).toMatchObject({ pending: 0 });
  }, 60_000);

  test(`${name}: no failure was reported`, async () => {
    await Promise.allSettled(results.values());
    for (const server of servers) expect.soft(server.complaints()).not.toContain("response-then: ");
  });
}

/** What the callbacks of a scenario must be told in a way, by their names, each once. */
function expectedOf(way: Way, { told, all, parts }: Scenario): Record<string, readonly string[]> {
  const lists = Object.entries(told).map(([who, what]) => [who, [listens(way) ? what : withoutRoute(what)]] as const);
  const more = Object.entries(all ?? {}).flatMap(([route, what]) => [
    [`all ${route}`, [what]] as const,
    ...(parts ? [] : [[`heard ${route}`, [what]] as const]),
  ]);
  return Object.fromEntries([...lists, ...(listens(way) ? more : [])]);
}

const withoutRoute = (what: string) => what.replace(/ \/.*/, "");

/** What was told. Where it matches the scenario it is in the words of the scenario, otherwise in full. */
function wordsOf(told: readonly Told[], way: Way, scenario: Scenario): Record<string, string[]> {
  const expected = expectedOf(way, scenario);
  const words: Record<string, string[]> = {};
  for (const { who, what } of told) {
    // The scenario says nothing about this one.
    if (expected[who] === undefined && /^(all|heard) /.test(who)) continue;
    words[who] = [...(words[who] ?? []), inWordsOf(expected[who]?.[0] ?? "", what)];
  }
  return words;
}

function inWordsOf(expected: string, what: string): string {
  const words = what.split(" ");
  const wanted = expected.split(" ");
  const fits = wanted.every((word, i) => word === "*" || word.split("|").includes(words[i] ?? ""));
  return fits ? expected : what;
}

/** Puts what came into the words of the scenario. */
function shape(expected: readonly string[]): (received: Received, index: number) => string {
  return ({ status, body, whole }, index) => {
    const [wantedStatus, wantedBody] = (expected[index] ?? "").split(/ (.*)/s);
    const said = `${wantedStatus === "*" ? "*" : status} ${wantedBody === "*" ? "*" : body}`;
    return whole || status === 0 || wantedBody === "*" ? said : `${said} (cut)`;
  };
}

/**
 * What is compared with the control. The framing is left out, because the class alone makes a stream of a text;
 * test/wire tests it. Where a server may fail, only whether it did is compared: some send the error's message.
 */
function comparable({ received }: Scenario, each: Received, control: Received | undefined, index: number): object {
  const { status, headers, body, whole } = each;
  if (received[index]?.endsWith(" *")) return { answers: received.includes(`${status} ${body}`) };
  const { "content-length": _, "transfer-encoding": __, "content-type": type, ...rest } = headers;
  // Deno loses the content-type of a clone of a text.
  return { status, headers: control?.headers["content-type"] ? { ...rest, type } : rest, body, whole };
}

/** The callbacks that ran too early or too late. */
function wrongTimes(told: readonly Told[], end: number, { late = [], anytime = [], told: names }: Scenario): string[] {
  // Measured by the server's clock, because on a busy machine the visit sees its end late.
  const first = Math.min(...told.filter(({ who }) => !late.includes(who)).map(({ at }) => at));
  const after = (who: string, at: number) => (late.includes(who) ? at - first : at - end);
  return told
    .filter(({ who }) => who in names && !anytime.includes(who))
    .map(({ who, at }) => ({ who, ms: after(who, at) }))
    .filter(({ who, ms }) => (late.includes(who) ? ms < 4_500 : ms > 4_000))
    .map(({ who, ms }) => `${who} after ${ms} ms`);
}
