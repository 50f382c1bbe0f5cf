import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import type { HostSignals } from "../../../src/exchange/host-signals.ts";
import { wrapHandler } from "../../../src/exchange/wrap-handler.ts";
import { READ_ON } from "../../../src/expected.ts";
import { type Outcome, ResponseThen } from "../../../src/index.ts";
import { compose, type LogEntry, type LoggerOptions, logger } from "../../../src/middleware/index.ts";
import { fakeClock, realClock } from "../../fake-clock.ts";
import { leaveNothingInFlight, settle } from "../../told.ts";
import { entryOf, fails, GET, hello, linesOf, url } from "./lines-of.ts";

leaveNothingInFlight();

describe("the entry", () => {
  test.for([
    ["a ResponseThen", (response: Response) => response],
    ["its body in another response", (response: Response) => new Response(response.body, response)],
  ] as const)("counts from the request to the end of the body, and to its first byte: %s", async ([, sent]) => {
    fakeClock();
    try {
      const entries: LogEntry[] = [];
      const format = (entry: LogEntry) => {
        entries.push(entry);
        return "";
      };
      const time = Date.now();
      const handler = () => {
        vi.advanceTimersByTime(100);
        // The wall clock is set: no duration is measured by it.
        vi.setSystemTime(time + 3_600_000);
        const response = new ResponseThen("Hello", () => {});
        vi.advanceTimersByTime(200);
        return sent(response);
      };
      const response = await compose(handler, logger({ format, sink() {} }))(GET);
      vi.advanceTimersByTime(400);
      vi.setSystemTime(time - 3_600_000);
      const reader = (response.body as ReadableStream).getReader();
      await reader.read();
      vi.advanceTimersByTime(800);
      await reader.read();
      await settle();
      expect(entries).toMatchObject([{ time, firstByte: 700, duration: 1_500 }]);
    } finally {
      realClock();
    }
  });

  test("has no negative duration for a response that ended before the request", async () => {
    fakeClock();
    try {
      const entries: LogEntry[] = [];
      const format = (entry: LogEntry) => {
        entries.push(entry);
        return "";
      };
      const composed = compose((_request, response) => response as Response, logger({ format, sink() {} }));
      const ended = new ResponseThen("Hello", () => {});
      await ended.text();
      vi.advanceTimersByTime(100);
      await composed(GET, ended);
      await settle();
      expect(entries).toMatchObject([{ duration: 0, bytes: 5, observed: "pulled", outcome: { response: ended } }]);
      // One whose callbacks have run is as a plain response.
      const told = new ResponseThen(null, () => {});
      await told.finished;
      vi.advanceTimersByTime(100);
      await composed(GET, told);
      await settle();
      expect(entries[1]).toMatchObject({ duration: 0, bytes: 0, observed: "handed-over", outcome: { response: told } });
    } finally {
      realClock();
    }
  });

  const setClock: [string, Partial<HostSignals>, (set: number) => number][] = [
    ["of a body that goes out as a whole", { fixedLimit: 10 }, () => 100],
    [
      "counted by a server, by the wall clock",
      {
        fixedLimit: 10,
        flushed: (listener) => {
          const counted = { bytes: 5, chunks: 1, firstByteTime: Date.now() };
          listener({ type: "completed", observed: "flushed", counted });
        },
      },
      (set) => (set > 0 ? 100 : 0),
    ],
  ];
  test.for(setClock)(
    "has a first byte between the request and the end, also where the clock was set: %s",
    async ([, signals, firstByte]) => {
      fakeClock();
      try {
        for (const set of [3_600_000, -3_600_000]) {
          const entries: LogEntry[] = [];
          const format = (entry: LogEntry) => {
            entries.push(entry);
            return "";
          };
          const handler = () => {
            const response = new ResponseThen("Hello", () => {});
            vi.setSystemTime(Date.now() + set);
            vi.advanceTimersByTime(100);
            return response;
          };
          const host = { method: "GET", ...signals };
          await wrapHandler(compose(handler, logger({ format, sink() {} })), () => host)(GET);
          await settle();
          expect(entries).toMatchObject([{ firstByte: firstByte(set), duration: 100, bytes: 5 }]);
        }
      } finally {
        realClock();
      }
    },
  );

  test("counts the time of a handler that throws, and has no first byte", async () => {
    const entries: LogEntry[] = [];
    const format = (entry: LogEntry) => {
      entries.push(entry);
      return "";
    };
    const handler = async () => {
      await pause(30);
      return fails();
    };
    await expect(async () => compose(handler, logger({ format, sink() {} }))(GET)).rejects.toThrow();
    await settle();
    // Timers may be early by a millisecond.
    expect(entries[0]?.duration).toBeGreaterThan(28);
    expect(entries[0]).toMatchObject({ firstByte: undefined, status: 500 });
    expect(((entries[0] as LogEntry).outcome as Outcome & { error: Error }).error.message).toBe("failed");
  });

  test("has undefined for what the request does not tell", async () => {
    const entry = await entryOf(() => new Response(null));
    expect(entry).toMatchObject({ referer: undefined, userAgent: undefined, remote: undefined, firstByte: undefined });
  });

  test("has the path of a URL of every shape", async () => {
    for (const [given, path] of [
      ["http://localhost", "/"],
      ["http://localhost?a=1", "/?a=1"],
      ["http://localhost/a#b?c", "/a"],
      ["https://[::1]:80/a/b?c=http://d/", "/a/b?c=http://d/"],
      ["/a?b=c", "/a?b=c"],
      ["http+unix://socket/a", "/a"],
      ["", "/"],
    ] as const) {
      // Not a Request, which would write them in one way: what a server makes may not.
      const request = { url: given, method: "GET", headers: new Headers() } as Request;
      expect((await entryOf(hello, request)).path).toBe(path);
    }
  });
});

describe("remote", () => {
  test("is called once per request, before the handler, with all that the handler gets", async () => {
    const events: unknown[] = [];
    const handler = (_request: Request, info: { address: string }) => {
      events.push(info.address);
      return hello();
    };
    const remote = (request: Request, info: { address: string }) => {
      events.push(request.url);
      return info.address;
    };
    const composed = compose(handler, logger({ remote, format: "common", sink: (line) => events.push(line) }));
    await (await composed(GET, { address: "2001:db8::1" })).text();
    await settle();
    expect(events).toEqual([url, "2001:db8::1", expect.stringMatching(/^2001:db8::1 - - \[/)]);
  });

  test("that throws, or knows no address, makes no difference to the request", async () => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    expect((await entryOf(hello, GET, { remote: () => null })).remote).toBeUndefined();
    expect(reported).not.toHaveBeenCalled();
    expect((await entryOf(hello, GET, { remote: fails })).remote).toBeUndefined();
    expect(reported.mock.calls).toEqual([[`response-then: the logger's remote failed${READ_ON}`, new Error("failed")]]);
  });
});

describe("redact", () => {
  const pathOf = async (query: string, redact?: LoggerOptions["redact"]) =>
    (await entryOf(hello, new Request(`http://localhost/?${query}`), { redact })).path.slice(2);

  test.for(
    "token access_token refresh-token csrfToken secret client_secret password user[password] a.b.passwd api_key apiKey key code X-Amz-Signature X-Amz-Security-Token X-Amz-Credential sig auth session session_id jwt otp".split(
      " ",
    ),
  )("replaces the value of %s by default", async (name) => {
    expect(await pathOf(`a=1&${name}=s3cret&b=2`)).toBe(`a=1&${name}=[redacted]&b=2`);
  });

  test.for("a tokens max_tokens monkey keyword postcode author state page".split(" "))(
    "leaves the value of %s by default",
    async (name) => {
      expect(await pathOf(`${name}=1`)).toBe(`${name}=1`);
    },
  );

  test("replaces every one, however its name is written, and nothing else", async () => {
    expect(await pathOf("TOKEN=a&%74oken=b&token=c=d;x=e&token=&token;y=1;token=e&x=%zz&to%6Ben=%zz")).toBe(
      "TOKEN=[redacted]&%74oken=[redacted]&token=[redacted];x=e&token=[redacted]&token;y=1;token=[redacted]&x=%zz&to%6Ben=[redacted]",
    );
  });

  test("takes names, or a function, in place of the default", async () => {
    expect(await pathOf("Card_No=1&token=2", ["card-no"])).toBe("Card_No=[redacted]&token=2");
    expect(await pathOf("token=2", [])).toBe("token=2");
    expect(await pathOf("a=1&bc=2&%C3%A4=3", (name) => name.length === 1)).toBe("a=[redacted]&bc=2&%C3%A4=[redacted]");
  });

  test("replaces in the referer too", async () => {
    const request = new Request(url, { headers: { referer: "http://elsewhere/?code=s3cret&a=1" } });
    expect((await entryOf(hello, request)).referer).toBe("http://elsewhere/?code=[redacted]&a=1");
  });
});

describe("no text of a request forges a line", () => {
  const evil = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        "\n",
        "\r",
        "\x1b",
        "\x85",
        "\x9b",
        "\u2028",
        "\u2029",
        "\u202e",
        "\u200b",
        "\u{e0001}",
        '"',
        "\\",
        " ",
        "\t",
        "?",
        "&",
        "=",
        "%",
        "#",
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 12,
  });

  /** What a server makes of a request may have texts that a real one could not. */
  const requestOf = (method: string, path: string, agent: string, referer: string) =>
    ({
      method,
      url: `http://localhost/${path}`,
      headers: { get: (name: string) => (name === "referer" ? referer : agent) },
    }) as unknown as Request;

  /** The line that Apache's format makes, taken apart as its readers do: a quote with a backslash ends nothing. */
  const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;
  const COMBINED = new RegExp(String.raw`^(\S+) - - \[[^\]]+\] ${TEXT} 201 5 ${TEXT} ${TEXT}$`, "s");

  test("in any format", async () => {
    await fc.assert(
      fc.asyncProperty(evil, evil, evil, evil, evil, async (method, path, agent, referer, remote) => {
        const request = requestOf(method, path, agent, referer);
        for (const format of ["dev", "common", "combined", "json"] as const) {
          const [line = "", ...more] = await linesOf(hello, { format, remote: () => remote }, request);
          expect(more).toEqual([]);
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          if (format === "combined") {
            const [, address, first, from, by] = COMBINED.exec(line) ?? expect.fail(line);
            expect((first as string).split(" ")).toHaveLength(3);
            expect(address).toBe(remote === "" ? "-" : address);
            expect([from, by]).not.toContain(undefined);
          }
          if (format === "json") expect(JSON.parse(line)).toMatchObject({ status: 201, type: "completed" });
          if (format === "dev") {
            const [, path, status] = line.split(" ");
            expect([path?.startsWith("/"), status]).toEqual([true, "201"]);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test("of a function either: the texts of the entry are already printable", async () => {
    await fc.assert(
      fc.asyncProperty(evil, evil, async (path, agent) => {
        const entry = await entryOf(hello, requestOf("GET", path, agent, agent), { remote: () => agent });
        const texts = [entry.method, entry.path, entry.userAgent, entry.referer, entry.remote].join("");
        expect(texts).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(entry.path).not.toMatch(/\s/);
      }),
      { numRuns: 60 },
    );
  });
});
