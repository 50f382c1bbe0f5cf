// Hostile requests, and hostile reasons and errors: the answer is that of a server without us, and tells nothing.
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { reasons, SECRET } from "./hostile-routes.ts";
import { answerOf, requestOf, sendRaw } from "./raw.ts";
import { deno, type RunningServer, servers } from "./servers.ts";

const ways = ["plain", "alone", "wrapped"] as const;

/** Requests to a path, by what is hostile in them. */
const requests: Readonly<Record<string, (path: string) => string>> = {
  "names of Object.prototype": (path) =>
    requestOf(path, ["__proto__: a", "constructor: b", "hasOwnProperty: c", "then: d", "toString: e"]),
  "bytes that are no ASCII": (path) => requestOf(path, ["X-A: \xff\xfe\x80", "Cookie: \xf0\x9f\x92\xa9=\xc0"]),
  "a NUL": (path) => requestOf(path, ["X-A: a\0b"]),
  "a line end alone": (path) => requestOf(path, ["X-A: a\nSet-Cookie: b=c"]),
  "a carriage return alone": (path) => requestOf(path, ["X-A: a\rSet-Cookie: b=c"]),
  "a folded line": (path) => requestOf(path, ["X-A: a\r\n b"]),
  "two lengths": (path) => `${requestOf(path, ["Content-Length: 4", "Content-Length: 5"], "POST")}abcd`,
  "a length, and chunks": (path) =>
    `${requestOf(path, ["Content-Length: 4", "Transfer-Encoding: chunked"], "POST")}0\r\n\r\n`,
  "an unknown coding": (path) => `${requestOf(path, ["Transfer-Encoding: chunked, x"], "POST")}0\r\n\r\n`,
  "a space before the colon": (path) => requestOf(path, ["X-A : a"]),
  "two hosts": (path) => requestOf(path, ["Host: evil.example"]),
  "a host that is none": (path) => requestOf(path).replace("Host: localhost", "Host: a b/<c>"),
  "no host": (path) => requestOf(path).replace("Host: localhost\r\n", ""),
  "an upgrade": (path) =>
    requestOf(path, [
      "Connection: upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Key: AAAA",
      "Sec-WebSocket-Version: 13",
    ]),
  "an expectation": (path) => requestOf(path, ["Expect: 100-continue"]),
  "another expectation": (path) => requestOf(path, ["Expect: the unexpected"]),
  "a range, and an etag": (path) => requestOf(path, ["Range: bytes=0-1", 'If-None-Match: *, "a"', "TE: trailers"]),
  "another method said": (path) => requestOf(path, ["X-HTTP-Method-Override: HEAD"]),
  "a method of its own": (path) => requestOf(path, [], "PROPFIND"),
  "no method": (path) => requestOf(path, [], "<GET>"),
  TRACE: (path) => requestOf(path, [], "TRACE"),
  "an absolute target": (path) => requestOf(path).replace("GET /", "GET http://evil.example/"),
  "300 lines": (path) =>
    requestOf(
      path,
      Array.from({ length: 300 }, (_, index) => `X-${index}: a`),
    ),
  "a line of 8 kB": (path) => requestOf(path, [`X-A: ${"a".repeat(8_000)}`]),
  "a line of 200 kB": (path) => requestOf(path, [`X-A: ${"a".repeat(200_000)}`]),
};

describe.each(servers)("on $name", (server) => {
  let running: RunningServer;
  beforeAll(async () => {
    running = await server.start();
  });
  afterAll(() => running?.close());

  /** Waits until each request that came has its outcomes, and returns those that have others than these. */
  async function wrong(prefix: string, outcomes: (id: string) => RegExp): Promise<[string, string][]> {
    let wrong: [string, string][] = [];
    const right = async () => {
      const told = [...(await running.control.told(prefix))];
      wrong = told.map(([id, words]) => [id, words.join()] as [string, string]);
      wrong = wrong.filter(([id, words]) => !outcomes(id).test(words));
      return wrong.length === 0;
    };
    await vi.waitUntil(right, { timeout: 10_000, interval: 50 }).catch(() => {});
    return wrong;
  }

  test("hostile requests get the answers that they get from a plain response, and what came ends once", async () => {
    const different: unknown[] = [];
    let came = 0;
    const ask = async ([name, make]: [string, (path: string) => string], index: number) => {
      const [plain, ...ours] = await Promise.all(
        ways.map(async (way) => answerOf(await sendRaw(running.port, [make(`${way}/text/request-${index}-${way}`)]))),
      );
      if (plain?.at(-1) === "text") came++;
      different.push(...ours.filter((answer) => `${answer}` !== `${plain}`).map((answer) => [name, plain, answer]));
    };
    await Promise.all(Object.entries(requests).map(ask));
    expect(different).toEqual([]);
    expect(came).toBeGreaterThan(10);
    const outcomes = (id: string) => {
      if (id.endsWith("plain")) return /^came$/;
      return id.endsWith("alone") ? /^came,own completed$/ : /^came,own completed,adapter completed$/;
    };
    expect(await wrong("request", outcomes)).toEqual([]);
    const told = await running.control.told("request");
    expect([...told].filter(([, words]) => words.length > 1).length).toBeGreaterThanOrEqual(2 * came);
  });

  // Before 1.20261015.1 workerd does not tell of a cancel by the application before 25 s.
  const routes = [
    "fails-first",
    "fails-later",
    "throws",
    "callback",
    ...(server.name === "workerd" ? [] : ["canceled"]),
  ];
  test.each(routes)("nothing of a reason or an error reaches the client: %s", async (route) => {
    const leaks: unknown[] = [];
    const ask = async (reason: string, index: number) => {
      for (const way of ways) {
        const path = `${way}/${route}/${route}-${index}-${way}?reason=${encodeURIComponent(reason)}`;
        const answer = await sendRaw(running.port, [requestOf(path)]);
        if (new RegExp(`${SECRET}|set-cookie|418|response-then| at .*[jt]s:`, "i").test(answer)) {
          leaks.push([way, reason, answer]);
        }
      }
    };
    await Promise.all(reasons.map(ask));
    expect(leaks).toEqual([]);
    // Under the adapter one that was given up is told what was sent in its place.
    const type = { canceled: "completed", callback: "none" }[route] ?? "errored.*";
    const outcomes = (id: string) => {
      if (id.endsWith("plain")) return /^came$/s;
      const alone = id.endsWith("alone");
      // Where no host can be asked, a source that fails with an AbortError gave up.
      const gaveUp = route.startsWith("fails") && reasons[Number(/-(\d+)-/.exec(id)?.[1])] === "aborted";
      const ownAlone = gaveUp ? "canceled" : ({ canceled: "canceled", throws: "completed" }[route] ?? type);
      const under = gaveUp && server === deno ? "canceled" : type;
      const own = route === "callback" ? "" : `,own ${alone ? ownAlone : under}`;
      const adapter = alone ? "" : `,adapter ${route === "callback" ? "completed" : under}`;
      // Of two responses of one request either may end first.
      return new RegExp(`^came(${own}${adapter}|${adapter}${own})$`, "s");
    };
    expect(await wrong(`${route}-`, outcomes)).toEqual([]);
    expect((await running.control.told(`${route}-`)).size).toBe(reasons.length * ways.length);
  });
});
