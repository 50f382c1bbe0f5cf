import { afterEach, describe, expect, test, vi } from "vitest";
import { compose, type FetchHandler, type LoggerOptions, logger } from "../../../src/middleware/index.ts";
import { fakeClock, realClock } from "../../fake-clock.ts";
import { leaveNothingInFlight, settle } from "../../told.ts";
import { fails, GET, hello, linesOf } from "./lines-of.ts";

leaveNothingInFlight();
afterEach(() => vi.unstubAllGlobals());

describe("format", () => {
  const request = new Request("http://localhost/a?b=c", {
    method: "POST",
    headers: { referer: 'http://elsewhere/"\\', "user-agent": 'a "browser" \\' },
  });
  const parsed = "2026-11-02T03:04:05.678Z";
  const at = async (format: LoggerOptions["format"], handler: FetchHandler = hello, options: LoggerOptions = {}) => {
    fakeClock(new Date(parsed));
    try {
      const [line] = await linesOf(handler, { format, ...options }, request);
      return line;
    } finally {
      realClock();
    }
  };

  test("common is Apache's", async () => {
    expect(await at("common")).toBe('- - - [02/Nov/2026:03:04:05 +0000] "POST /a?b=c HTTP/1.1" 201 5');
    expect(await at("common", () => new Response(null), { remote: () => "192.0.2.1" })).toBe(
      '192.0.2.1 - - [02/Nov/2026:03:04:05 +0000] "POST /a?b=c HTTP/1.1" 200 -',
    );
  });

  test("combined is Apache's, with quotes and backslashes escaped", async () => {
    expect(await at("combined")).toBe(
      String.raw`- - - [02/Nov/2026:03:04:05 +0000] "POST /a?b=c HTTP/1.1" 201 5 "http://elsewhere/\"\\" "a \"browser\" \\"`,
    );
  });

  test("json is one object", async () => {
    const line = (await at("json")) as string;
    expect(JSON.parse(line)).toEqual({
      time: parsed,
      method: "POST",
      path: "/a?b=c",
      status: 201,
      bytes: 5,
      duration: 0,
      firstByte: 0,
      type: "completed",
      observed: "pulled",
      referer: 'http://elsewhere/"\\',
      userAgent: 'a "browser" \\',
    });
  });

  test("dev is for people: the time to the end, and to the first byte where there was one", async () => {
    const slow = () => {
      vi.advanceTimersByTime(1_234.5);
      return hello();
    };
    expect(await at("dev", slow)).toBe("POST /a?b=c 201 5 bytes 1235 ms, first byte 1235 ms, completed (pulled)");
    expect(await at(undefined, () => new Response(null))).toBe(
      "POST /a?b=c 200 0 bytes 0.0 ms, completed (handed-over)",
    );
  });

  test("a function makes the line", async () => {
    expect(await at(({ method, outcome }) => `${method} ${outcome.response.statusText}`)).toBe("POST ");
  });

  describe("dev in colors", () => {
    const onTerminal = async (handler: FetchHandler, env: object = {}, stdout: object | null = { isTTY: true }) => {
      vi.stubGlobal("process", { ...process, stdout, env });
      const log = vi.spyOn(console, "log").mockReturnValue();
      const response = await compose(handler, logger())(GET);
      await response.body?.cancel();
      await settle();
      vi.unstubAllGlobals();
      return log.mock.calls.flat().map((line) => String(line).replace(/\d+(\.\d)? ms/g, "… ms"));
    };

    test("writes the status by its class, and what is not completed, on a terminal", async () => {
      const status = async (status: number) => (await onTerminal(() => new Response(null, { status })))[0];
      expect(await status(200)).toBe("GET /path?a=1 \x1b[32m200\x1b[39m 0 bytes … ms, completed (handed-over)");
      vi.restoreAllMocks();
      expect(await status(304)).toContain("\x1b[36m304\x1b[39m");
      vi.restoreAllMocks();
      expect(await status(404)).toContain("\x1b[33m404\x1b[39m");
      vi.restoreAllMocks();
      expect(await status(503)).toContain("\x1b[31m503\x1b[39m");
      vi.restoreAllMocks();
      expect((await onTerminal(hello))[0]).toContain("\x1b[33mcanceled\x1b[39m");
    });

    test.for([
      ["NO_COLOR is set", { NO_COLOR: "1" }, { isTTY: true }],
      ["the output is no terminal", {}, {}],
      ["there is no output", {}, null],
    ] as const)("writes none where %s", async ([, env, stdout]) => {
      const lines = await onTerminal(hello, env, stdout);
      expect(lines).toEqual(["GET /path?a=1 201 0 bytes … ms, canceled (pulled)"]);
    });

    test("writes some where NO_COLOR is empty, and asks nothing of Deno's environment", async () => {
      expect((await onTerminal(hello, { NO_COLOR: "" }))[0]).toContain("\x1b[32m");
      vi.restoreAllMocks();
      const env = new Proxy({}, { get: fails });
      vi.stubGlobal("Deno", { noColor: false });
      expect((await onTerminal(hello, env))[0]).toContain("\x1b[32m");
      vi.restoreAllMocks();
      vi.stubGlobal("Deno", { noColor: true });
      expect((await onTerminal(hello, env))[0]).not.toContain("\x1b");
    });

    test("writes none where there is no process", async () => {
      vi.stubGlobal("process", undefined);
      const log = vi.spyOn(console, "log").mockReturnValue();
      const composed = compose(hello, logger());
      vi.unstubAllGlobals();
      await (await composed(GET)).text();
      await settle();
      expect(log.mock.calls.flat().join()).not.toContain("\x1b");
    });

    test("writes none to a sink of one's own", async () => {
      vi.stubGlobal("process", { ...process, stdout: { isTTY: true }, env: {} });
      expect((await linesOf(hello))[0]).not.toContain("\x1b");
    });
  });
});
