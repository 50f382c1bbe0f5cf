import { AsyncLocalStorage } from "node:async_hooks";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Callbacks, drain, type Outcome, ResponseThen, type ResponseThenOptions } from "../../src/index.ts";
import { thrownBy } from "../thrown-by.ts";

const CALLBACK =
  "callback: expected a function, or an object of functions completed,canceled,errored,finally, or an array of these";
const nothing = () => {};
const bytes = (length: number) => new Uint8Array(length).fill(7);
const headOf = ({ status, statusText, headers }: Response) => ({ status, statusText, headers: [...headers] });
const inFlight = async () => (await drain({ timeout: 0 })).pending;
/** What is still in flight when all that can land has landed. */
const leftInFlight = async () => (await drain({ timeout: 5_000 })).pending;

/** A stream of chunks, pulled one by one. */
function streamOf(...chunks: Uint8Array[]): ReadableStream {
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = chunks.shift();
        if (chunk) controller.enqueue(chunk);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A promise, and what opens it. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = nothing;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("ResponseThen", () => {
  test("is a Response, of its own class and of Response", async () => {
    const response = new ResponseThen("text", nothing);
    expect(response).toBeInstanceOf(Response);
    expect(response).toBeInstanceOf(ResponseThen);
    expect(Object.prototype.toString.call(response)).toBe("[object Response]");
    await response.text();
    await response.finished;
  });

  test("runs its callback exactly once, after the last read, with the response in hand", async () => {
    const events: unknown[] = [];
    const response: ResponseThen = new ResponseThen("Hello", (outcome, { signal }) => {
      events.push(["callback", outcome.type, outcome.bytes, outcome.response === response, signal.aborted]);
    });
    expect(events).toEqual([]);
    events.push(await response.text());
    // The callback must not run on the way to the reader.
    events.push("read");
    const outcome = await response.finished;
    await pause(5);
    expect(events).toEqual(["Hello", "read", ["callback", "completed", 5, true, false]]);
    expect(outcome.response).toBe(response);
  });

  test("does not start a callback before a macrotask has passed since the end", async () => {
    const events: string[] = [];
    const response = new ResponseThen("x", () => events.push("callback"));
    await response.text();
    for (let i = 0; i < 20; i++) await Promise.resolve();
    events.push("microtasks");
    await response.finished;
    expect(events).toEqual(["microtasks", "callback"]);
  });

  test("carries the options in init, and beside an init that is somebody else's Response", async () => {
    const events: unknown[] = [];
    const fail = () => {
      throw "failed";
    };
    const inside = new ResponseThen("a", fail, { status: 201, onError: (error) => events.push(["init", error]) });
    const plain = new Response(null, { status: 202, headers: { "x-a": "1" } });
    const beside = new ResponseThen("b", fail, plain, { onError: (error) => events.push(["options", error]) });
    expect([inside.status, beside.status, beside.headers.get("x-a")]).toEqual([201, 202, "1"]);
    await inside.text();
    await inside.finished;
    await beside.text();
    await beside.finished;
    expect(events).toEqual([
      ["init", "failed"],
      ["options", "failed"],
    ]);
  });

  test("keeps subclasses what they are, through from, json and redirect", async () => {
    class Mine extends ResponseThen {}
    const made = [
      new Mine("x", nothing),
      Mine.from(new Response("x"), nothing),
      Mine.json({}, nothing),
      Mine.redirect("http://localhost/", nothing),
    ];
    expect(made.map((response) => response instanceof Mine)).toEqual([true, true, true, true]);
    for (const response of made) {
      await response.arrayBuffer();
      await (response as Mine).finished;
    }
  });

  describe("refuses wrong arguments at the call", () => {
    const locked = () => {
      const stream = new ReadableStream();
      stream.getReader();
      return stream;
    };
    const wrongCallbacks: [name: string, callback: unknown, got: string][] = [
      ["undefined", undefined, "Undefined"],
      ["null", null, "Null"],
      ["a number", 5, "number 5"],
      ["a string", "log", "string log"],
      ["true", true, "Boolean"],
      ["an empty object", {}, "Object"],
      ["an object with no function of ours", { complete() {} }, "Object"],
      ["an object with one member that is no function", { completed: 1 }, "Object"],
      ["an object with one good and one bad member", { completed() {}, finally: "x" }, "Object"],
      ["a Map", new Map(), "Map"],
      ["an array of a number", [() => {}, 5], "number 5"],
      ["an array with a hole", [() => {}, undefined], "Undefined"],
      ["an array in an array", [[() => {}]], "Array"],
    ];

    test.for(wrongCallbacks)("callback: %s", async ([, callback, got]) => {
      const before = await leftInFlight();
      const message = `TypeError: ${CALLBACK}, got ${got}`;
      expect(thrownBy(() => new ResponseThen("x", callback as Callbacks))).toBe(message);
      expect(thrownBy(() => ResponseThen.from(new Response("x"), callback as Callbacks))).toBe(message);
      const response = new ResponseThen("x", nothing);
      expect(thrownBy(() => response.onFinished(callback as Callbacks))).toBe(message);
      await response.text();
      await response.finished;
      expect(await leftInFlight()).toBe(before);
    });

    // `new ResponseThen(body, sendMail())`: a promise has a `finally`, and must not pass for an object of callbacks.
    test("callback: a promise", () => {
      const callback = Promise.resolve() as unknown as Callbacks;
      expect(thrownBy(() => new ResponseThen(null, callback))).toBe(`TypeError: ${CALLBACK}, got Promise`);
    });

    const wrongOptions: [name: string, options: object, message: string][] = [
      ["timeout -1", { timeout: -1 }, "RangeError: timeout: expected a number, 0 or more, got number -1"],
      ["timeout NaN", { timeout: Number.NaN }, "RangeError: timeout: expected a number, 0 or more, got number NaN"],
      ["timeout '5'", { timeout: "5" }, "RangeError: timeout: expected a number, 0 or more, got string 5"],
      ["timeout null", { timeout: null }, "RangeError: timeout: expected a number, 0 or more, got Null"],
      ["onError", { onError: "log" }, "TypeError: onError: expected a function, got string log"],
      ["onError null", { onError: null }, "TypeError: onError: expected a function, got Null"],
      ["onCancel", { onCancel: "stop" }, 'TypeError: onCancel: expected "cancel" or "consume", got string stop'],
      [
        "waitUntil null",
        { waitUntil: null },
        "TypeError: waitUntil: expected a function, or an object with the method waitUntil, got Null",
      ],
      [
        "waitUntil {}",
        { waitUntil: {} },
        "TypeError: waitUntil: expected a function, or an object with the method waitUntil, got Object",
      ],
      [
        "waitUntil with a member that is no function",
        { waitUntil: { waitUntil: true } },
        "TypeError: waitUntil: expected a function, or an object with the method waitUntil, got Object",
      ],
      [
        "consumeLimit.bytes",
        { onCancel: "consume", consumeLimit: { bytes: -1 } },
        "RangeError: consumeLimit.bytes: expected a number, 0 or more, got number -1",
      ],
      [
        "consumeLimit.ms",
        { onCancel: "consume", consumeLimit: { ms: "1" } },
        "RangeError: consumeLimit.ms: expected a number, 0 or more, got string 1",
      ],
    ];

    test.for(wrongOptions)("option %s", async ([, options, message]) => {
      const before = await leftInFlight();
      const source = new ReadableStream();
      expect(thrownBy(() => new ResponseThen(source, nothing, options))).toBe(message);
      expect(thrownBy(() => new ResponseThen(source, nothing, {}, options))).toBe(message);
      expect(thrownBy(() => ResponseThen.from(new Response(source), nothing, options))).toBe(message);
      expect(source.locked).toBe(false);
      expect(await leftInFlight()).toBe(before);
    });

    // The message must be ours, not that of a destructuring that failed.
    test("option consumeLimit null", () => {
      const options = { onCancel: "consume", consumeLimit: null } as unknown as ResponseThenOptions;
      expect(thrownBy(() => new ResponseThen("x", nothing, options))).toMatch(/^TypeError: consumeLimit: expected/);
    });

    // The option would otherwise fail on the day when somebody sets onCancel.
    test("option consumeLimit, also without onCancel: consume", () => {
      const options: ResponseThenOptions = { consumeLimit: { bytes: -1 } };
      expect(thrownBy(() => new ResponseThen(null, nothing, options))).toBe(
        "RangeError: consumeLimit.bytes: expected a number, 0 or more, got number -1",
      );
    });

    test.for([101, 204, 205, 304])("a body with status %i", async (status) => {
      const before = await leftInFlight();
      expect(thrownBy(() => new ResponseThen("x", nothing, { status }))).toBe(
        `TypeError: body: expected null for status ${status}, got string x`,
      );
      expect(thrownBy(() => new ResponseThen(new ReadableStream(), nothing, { status }))).toBe(
        `TypeError: body: expected null for status ${status}, got ReadableStream`,
      );
      expect(await leftInFlight()).toBe(before);
    });

    test("a locked stream", () => {
      expect(thrownBy(() => new ResponseThen(locked(), nothing))).toBe(
        "TypeError: body: expected an unlocked stream, got ReadableStream",
      );
    });

    test("a stream that was read, with the error of Response", async () => {
      const stream = streamOf(bytes(1), bytes(1));
      const reader = stream.getReader();
      await reader.read();
      reader.releaseLock();
      const message = thrownBy(() => new Response(stream));
      expect(message).toMatch(/^TypeError: .*disturbed/);
      expect(thrownBy(() => new ResponseThen(stream, nothing))).toBe(message);
    });

    // Ours, and before super(): @hono/node-server's own class takes every status.
    test.for([0, 99, 100, 102, 199, 600, 999, -1, Number.NaN])("status %f", async (status) => {
      const before = await leftInFlight();
      const message = `RangeError: status: expected a number from 200 to 599, got number ${status}`;
      expect(thrownBy(() => new Response(null, { status }))).toMatch(/^RangeError: /);
      for (const body of ["x", null]) {
        expect(thrownBy(() => new ResponseThen(body, nothing, { status }))).toBe(message);
      }
      expect(await leftInFlight()).toBe(before);
    });

    test.for([
      ["statusText", { statusText: "a\nb" }],
      ["headers", { headers: { "bad name": "1" } }],
    ] as [string, ResponseInit][])("an init with a wrong %s, with the error of Response", async ([, init]) => {
      const before = await leftInFlight();
      const message = thrownBy(() => new Response("x", init));
      expect(message).not.toBe("nothing");
      expect(thrownBy(() => new ResponseThen("x", nothing, init))).toBe(message);
      expect(await leftInFlight()).toBe(before);
    });
  });

  describe("without a body ends a macrotask later as handed-over", () => {
    const makers: [string, (callback: Callbacks) => ResponseThen, number][] = [
      ["null", (callback) => new ResponseThen(null, callback), 200],
      ["undefined", (callback) => new ResponseThen(undefined, callback), 200],
      ["204", (callback) => new ResponseThen(null, callback, { status: 204 }), 204],
      ["205", (callback) => new ResponseThen(null, callback, { status: 205 }), 205],
      ["304", (callback) => new ResponseThen(null, callback, { status: 304 }), 304],
      ["redirect", (callback) => ResponseThen.redirect("http://localhost/", callback, 303), 303],
      ["from", (callback) => ResponseThen.from(new Response(null, { status: 204 }), callback), 204],
    ];

    test.for(makers)("%s", async ([, make, status]) => {
      const events: unknown[] = [];
      const response = make((outcome) => {
        const { type, observed, bytes, chunks, response } = outcome;
        events.push([type, observed, bytes, chunks, response.status]);
      });
      expect(response.body).toBe(null);
      events.push("built");
      setTimeout(() => events.push("macrotask"), 0);
      for (let i = 0; i < 20; i++) await Promise.resolve();
      events.push("microtasks");
      const outcome = await response.finished;
      await pause(5);
      expect(events).toEqual(["built", "microtasks", "macrotask", ["completed", "handed-over", 0, 0, status]]);
      expect(outcome.response).toBe(response);
    });

    test("and an empty body, which is a body, only when it is read", async () => {
      const events: string[] = [];
      const response = new ResponseThen("", ({ type, observed }) => events.push(`${type} ${observed}`));
      await pause(10);
      events.push("reads");
      expect(await response.text()).toBe("");
      await response.finished;
      expect(events).toEqual(["reads", "completed pulled"]);
    });
  });

  describe("from", () => {
    let origin: string;
    const server = createServer((request, reply) => {
      if (request.url === "/moved") reply.writeHead(302, { location: "/target" }).end();
      else if (request.url === "/empty") reply.writeHead(204).end();
      else reply.writeHead(200, { "content-type": "text/x-target", "x-a": "1" }).end("target");
    });
    beforeAll(async () => {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      server.closeAllConnections();
      server.close();
    });

    test("keeps status, headers, url, redirected and type of a fetched response", async () => {
      const fetched = await fetch(`${origin}/moved`);
      const head = headOf(fetched);
      const response = ResponseThen.from(fetched, nothing);
      expect(headOf(response)).toEqual(head);
      expect([response.url, response.redirected, response.type]).toEqual([`${origin}/target`, true, "basic"]);
      expect(fetched.type).toBe("basic");
      expect(await response.text()).toBe("target");
      expect(await response.finished).toMatchObject({ type: "completed", bytes: 6, response });
    });

    test("keeps the url of a fetched response without a body", async () => {
      const response = ResponseThen.from(await fetch(`${origin}/empty`), nothing);
      expect([response.status, response.url, response.redirected]).toEqual([204, `${origin}/empty`, false]);
      await response.finished;
    });

    test("takes over: the response that was given is locked, and not read", async () => {
      let pulls = 0;
      const source = new ReadableStream({ pull: () => void pulls++ }, { highWaterMark: 0 });
      const given = new Response(source, { status: 203 });
      const response = ResponseThen.from(given, nothing);
      await pause(5);
      expect([given.bodyUsed, source.locked, pulls]).toEqual([false, true, 0]);
      await response.body?.cancel();
      await response.finished;
    });

    test("takes a ResponseThen: both callbacks run", async () => {
      const events: string[] = [];
      const inner = new ResponseThen("x", ({ type }) => events.push(`inner ${type}`));
      const outer = ResponseThen.from(inner, ({ type }) => events.push(`outer ${type}`));
      expect(outer).not.toBe(inner);
      await outer.text();
      await Promise.all([inner.finished, outer.finished]);
      expect(events).toEqual(["inner completed", "outer completed"]);
    });

    test("takes a Response of another class, by its tag", async () => {
      class Other {
        status = 201;
        statusText = "";
        headers = new Headers({ "x-other": "1" });
        body = new Response("other").body;
        url = "http://elsewhere/";
        redirected = false;
        type = "default";
        get [Symbol.toStringTag]() {
          return "Response";
        }
      }
      const response = ResponseThen.from(new Other() as unknown as Response, nothing);
      expect([response.status, response.url, response.headers.get("x-other")]).toEqual([201, "http://elsewhere/", "1"]);
      expect(await response.text()).toBe("other");
      await response.finished;
    });

    test.for([
      ["null", null, "Null"],
      ["undefined", undefined, "Undefined"],
      ["a string", "text", "string text"],
      ["a number", 200, "number 200"],
      ["an object", { status: 200 }, "Object"],
      ["a Request", new Request("http://localhost/"), "Request"],
      ["a promise of a response", Promise.resolve(new Response("x")), "Promise"],
    ] as [string, unknown, string][])("refuses %s", ([, given, got]) => {
      expect(thrownBy(() => ResponseThen.from(given as Response, nothing))).toBe(
        `TypeError: response: expected a Response, got ${got}`,
      );
    });

    test("refuses a response that was read", async () => {
      const used = new Response("x");
      await used.text();
      expect(thrownBy(() => ResponseThen.from(used, nothing))).toBe(
        "TypeError: body: expected an unlocked stream, got ReadableStream",
      );
    });

    test("refuses a response that was read and let go of, with the error of Response", async () => {
      const used = new Response("x");
      const reader = (used.body as ReadableStream).getReader();
      await reader.read();
      reader.releaseLock();
      const message = thrownBy(() => new Response(used.body));
      expect(message).toMatch(/^TypeError: .*disturbed/);
      expect(thrownBy(() => ResponseThen.from(used, nothing))).toBe(message);
    });

    test("refuses a response that is being read", () => {
      const locked = new Response("x");
      locked.body?.getReader();
      expect(thrownBy(() => ResponseThen.from(locked, nothing))).toBe(
        "TypeError: body: expected an unlocked stream, got ReadableStream",
      );
    });
  });

  describe("json", () => {
    const data = [{ a: [1, "ü", null] }, [], "text", null, 5, false, { toJSON: () => "seen" }];

    test.for(data)("with a callback says what Response.json says of %j", async (value) => {
      const plain = Response.json(value);
      const response = ResponseThen.json(value, nothing);
      expect(response).toBeInstanceOf(ResponseThen);
      expect(headOf(response)).toEqual(headOf(plain));
      expect(await response.text()).toBe(await plain.text());
      expect((await response.finished).type).toBe("completed");
    });

    test("with a callback takes init and options", async () => {
      const events: unknown[] = [];
      const init = { status: 201, statusText: "Made", headers: { "content-type": "application/problem+json", a: "1" } };
      const fail = () => {
        throw "failed";
      };
      const response = ResponseThen.json({}, fail, { ...init, onError: (error) => events.push(error) });
      expect(headOf(response)).toEqual(headOf(Response.json({}, init)));
      await response.text();
      await response.finished;
      expect(events).toEqual(["failed"]);
    });

    test.for([
      ["nothing", undefined],
      ["an empty init", {}],
      ["an init", { status: 201, headers: { a: "1" } }],
      ["a Response as init", new Response(null, { status: 202 })],
    ] as [string, ResponseInit | undefined][])("with %s instead of a callback is Response.json", async ([, init]) => {
      const response = ResponseThen.json({ a: 1 }, init);
      expect(response).not.toBeInstanceOf(ResponseThen);
      expect(headOf(response)).toEqual(headOf(Response.json({ a: 1 }, init)));
      expect(await response.text()).toBe('{"a":1}');
    });

    // No callback, but the error of the platform, if it has one.
    test("with null instead of a callback does what Response.json does", () => {
      const init = null as unknown as ResponseInit;
      expect(thrownBy(() => ResponseThen.json({}, init))).toBe(thrownBy(() => Response.json({}, init)));
    });

    test.for([
      ["a number", 201, "number 201"],
      ["a string", "log", "string log"],
      ["true", true, "Boolean"],
      ["an array of a number", [5], "number 5"],
      ["an object of other functions", { onError() {} }, "Object"],
    ] as [string, unknown, string][])("refuses %s as its second argument", ([, second, got]) => {
      expect(thrownBy(() => ResponseThen.json({}, second as Callbacks))).toBe(`TypeError: ${CALLBACK}, got ${got}`);
    });

    const circle: { self?: unknown } = {};
    circle.self = circle;
    test.for([
      ["undefined", undefined],
      ["a function", nothing],
      ["a symbol", Symbol("s")],
      ["a circle", circle],
      ["a BigInt", 5n],
    ] as [string, unknown][])("throws for %s as Response.json does", ([, value]) => {
      const message = thrownBy(() => Response.json(value));
      expect(message).toMatch(/^TypeError: ./);
      expect(thrownBy(() => ResponseThen.json(value, nothing))).toBe(message);
    });

    test("throws for a status without a body as Response.json does", () => {
      expect(thrownBy(() => ResponseThen.json({}, nothing, { status: 204 }))).toBe(
        thrownBy(() => Response.json({}, { status: 204 })),
      );
    });
  });

  describe("redirect", () => {
    test.for([undefined, 301, 302, 303, 307, 308])("with a callback and status %s is as Response's", async (status) => {
      const plain = Response.redirect("http://localhost/a?b#c", status);
      const events: unknown[] = [];
      const callback = (outcome: Outcome) => events.push(outcome.type);
      const response = ResponseThen.redirect(new URL("http://localhost/a?b#c"), callback, status);
      expect(response).toBeInstanceOf(ResponseThen);
      expect(headOf(response)).toEqual(headOf(plain));
      await response.finished;
      expect(events).toEqual(["completed"]);
    });

    test.for([undefined, 303])("without a callback and status %s is Response.redirect", (status) => {
      const response = ResponseThen.redirect("http://localhost/", status);
      expect(response).not.toBeInstanceOf(ResponseThen);
      expect(headOf(response)).toEqual(headOf(Response.redirect("http://localhost/", status)));
    });

    test.for([
      ["null", null, "Null"],
      ["a string", "301", "string 301"],
      ["an object", {}, "Object"],
      ["an array of a number", [301], "number 301"],
    ] as [string, unknown, string][])("refuses %s as its second argument", ([, second, got]) => {
      expect(thrownBy(() => ResponseThen.redirect("http://localhost/", second as Callbacks))).toBe(
        `TypeError: ${CALLBACK}, got ${got}`,
      );
    });

    // Response.redirect("/there") throws on Node, Deno and Workers: "Failed to parse URL".
    test.for([
      ["/there", "/there"],
      ["../there?a=b#c", "../there?a=b#c"],
      ["?page=2", "?page=2"],
      ["//other.example/", "//other.example/"],
      ["/ü\r\nx-injected: 1", "/%C3%BC%0D%0Ax-injected:%201"],
      [" /there ", "/there"],
      ["/\ud83d", "/%EF%BF%BD"],
    ] as const)("takes a relative url, %o", async ([url, location]) => {
      const response = ResponseThen.redirect(url, nothing, 307);
      expect([response.status, [...response.headers], await response.text()]).toEqual([
        307,
        [["location", location]],
        "",
      ]);
      expect((await response.finished).type).toBe("completed");
    });

    test("throws for a wrong status of a relative url as for another", () => {
      expect(thrownBy(() => ResponseThen.redirect("/there", nothing, 200))).toBe(
        thrownBy(() => Response.redirect("http://localhost/", 200)),
      );
    });

    test("throws for a wrong status and a wrong url as Response.redirect does", () => {
      const wrong: [string, number][] = [
        ["http://localhost/", 200],
        ["http://localhost/", 304],
        ["http://[", 302],
      ];
      for (const [url, status] of wrong) {
        const message = thrownBy(() => Response.redirect(url, status));
        expect(message).not.toBe("nothing");
        expect(thrownBy(() => ResponseThen.redirect(url, nothing, status))).toBe(message);
      }
    });
  });

  describe("finished and onFinished", () => {
    test("callbacks start in the order in which they were added, and run concurrently", async () => {
      const events: string[] = [];
      const slow = gate();
      const response = new ResponseThen("x", [
        async () => {
          events.push("1 starts");
          await slow.opened;
          events.push("1 ends");
        },
        () => events.push("2"),
      ]);
      expect(response.onFinished(() => events.push("3"))).toBe(response);
      response.onFinished([
        () => events.push("4"),
        { finally: () => events.push("6"), completed: () => events.push("5") },
      ]);
      response.onFinished(() => {
        events.push("7");
        slow.open();
      });
      await response.text();
      const outcome = await response.finished;
      expect(events).toEqual(["1 starts", "2", "3", "4", "5", "6", "7", "1 ends"]);
      expect(outcome.type).toBe("completed");
    });

    test("finished waits for the callbacks, and is one promise", async () => {
      const events: string[] = [];
      const response = new ResponseThen("x", async () => {
        await pause(10);
        events.push("callback");
      });
      expect(response.finished).toBe(response.finished);
      await response.text();
      await response.finished;
      events.push("finished");
      expect(events).toEqual(["callback", "finished"]);
    });

    test("a callback that throws stops no other and does not reject finished", async () => {
      const events: unknown[] = [];
      const options: ResponseThenOptions = {
        onError: (error, outcome) => events.push(["onError", error, outcome.type]),
      };
      const response = new ResponseThen(
        "x",
        [
          () => {
            throw "thrown";
          },
          () => Promise.reject("rejected"),
          () => events.push("third"),
        ],
        options,
      );
      await response.text();
      expect((await response.finished).type).toBe("completed");
      expect(events).toEqual([["onError", "thrown", "completed"], "third", ["onError", "rejected", "completed"]]);
    });

    test("a callback added inside another runs, and finished waits for it", async () => {
      const events: string[] = [];
      const response: ResponseThen = new ResponseThen("x", () => {
        events.push("outer");
        response.onFinished(async () => {
          await pause(5);
          events.push("inner");
          response.onFinished(() => events.push("innermost"));
        });
      });
      await response.text();
      await response.finished;
      expect(events).toEqual(["outer", "inner", "innermost"]);
    });

    test("a callback added between the end and its dispatch runs in its turn", async () => {
      const events: string[] = [];
      const response = new ResponseThen("x", () => events.push("1"));
      await response.text();
      response.onFinished(() => events.push("2"));
      await response.finished;
      expect(events).toEqual(["1", "2"]);
    });

    test("a callback added after the end runs once, at once but not inside the call, and drain waits for it", async () => {
      const events: unknown[] = [];
      const response = new ResponseThen("x", () => events.push("first"));
      await response.text();
      const outcome = await response.finished;
      const before = await leftInFlight();
      const slow = gate();
      response.onFinished(async (late) => {
        events.push(["late", late === outcome]);
        await slow.opened;
        events.push("late ends");
      });
      events.push("added");
      await Promise.resolve();
      expect(events).toEqual(["first", "added", ["late", true]]);
      expect(await inFlight()).toBe(before + 1);
      slow.open();
      await slow.opened;
      expect(await inFlight()).toBe(before);
      expect(events).toEqual(["first", "added", ["late", true], "late ends"]);
    });

    test("a callback added late that fails is reported to onError of the response", async () => {
      const events: unknown[] = [];
      const response = new ResponseThen("x", nothing, { onError: (error) => events.push(error) });
      await response.text();
      await response.finished;
      response.onFinished(() => {
        throw "late";
      });
      await drain({ timeout: 5_000 });
      expect(events).toEqual(["late"]);
    });
  });

  describe("callbacks run in the async context in which they were registered", () => {
    const storage = new AsyncLocalStorage<string>();

    test.for([
      ["completed", (response: Response) => response.text()],
      ["canceled", (response: Response) => response.body?.cancel()],
    ] as const)("%s: constructor, onFinished, late, and one inside another", async ([type, end]) => {
      const events: unknown[] = [];
      const note = (name: string) => async (outcome: Outcome) => {
        const before = storage.getStore();
        await Promise.resolve();
        events.push([name, outcome.type, before, storage.getStore()]);
      };
      const response = storage.run("built", () => new ResponseThen("x", note("constructor")));
      storage.run("added", () => response.onFinished({ [type]: note("object"), finally: note("finally") }));
      storage.run("outer", () =>
        response.onFinished(() => storage.run("inner", () => response.onFinished(note("in")))),
      );
      await storage.run("reader", () => end(response));
      await storage.run("waiter", () => response.finished);
      expect(events.sort()).toEqual(
        [
          ["constructor", type, "built", "built"],
          ["object", type, "added", "added"],
          ["finally", type, "added", "added"],
          ["in", type, "inner", "inner"],
        ].sort(),
      );
      events.length = 0;
      storage.run("late", () => response.onFinished(note("late")));
      await drain({ timeout: 5_000 });
      expect(events).toEqual([["late", type, "late", "late"]]);
    });

    test("null bodies and errors too", async () => {
      const events: unknown[] = [];
      const callback = ({ type }: Outcome) => events.push([type, storage.getStore()]);
      const empty = storage.run("null", () => new ResponseThen(null, callback));
      await empty.finished;
      const failing = new ReadableStream({ pull: () => Promise.reject(new Error("source")) }, { highWaterMark: 0 });
      const failed = storage.run("failing", () => new ResponseThen(failing, callback));
      await expect(failed.text()).rejects.toThrow("source");
      await failed.finished;
      expect(events).toEqual([
        ["completed", "null"],
        ["errored", "failing"],
      ]);
    });
  });

  describe("waitUntil", () => {
    test("as a function is called once, in the constructor, with a promise that waits for the callbacks", async () => {
      const events: unknown[] = [];
      let kept: Promise<unknown> | undefined;
      const waitUntil = (promise: Promise<unknown>) => {
        events.push("waitUntil");
        kept = promise;
      };
      const callback = async () => {
        await pause(5);
        events.push("callback");
      };
      const response = new ResponseThen("x", callback, { waitUntil });
      events.push("built");
      await response.text();
      await kept;
      events.push("kept");
      expect(events).toEqual(["waitUntil", "built", "callback", "kept"]);
    });

    test("is called once more at the end of a response of more than 10 s, with a promise that waits for the callbacks", async () => {
      const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
      const events: unknown[] = [];
      const kept: Promise<unknown>[] = [];
      const waitUntil = (promise: Promise<unknown>) => {
        events.push("waitUntil");
        kept.push(promise);
      };
      const response = new ResponseThen("x", () => void events.push("callback"), { waitUntil });
      now.mockReturnValue(11_001);
      await response.text();
      now.mockRestore();
      const outcome = await response.finished;
      expect(events).toEqual(["waitUntil", "waitUntil", "callback"]);
      expect(await kept[1]).toBe(outcome);
      expect(outcome).toMatchObject({ type: "completed", duration: 10_001 });
    });

    test("that is too late then is not asked again, and the callbacks run", async () => {
      const now = vi.spyOn(performance, "now").mockReturnValue(1_000);
      let calls = 0;
      const waitUntil = () => {
        if (++calls > 1) throw new Error("The event is over");
      };
      const response = new ResponseThen("x", () => {}, { waitUntil });
      now.mockReturnValue(11_001);
      await response.text();
      now.mockRestore();
      expect([(await response.finished).type, calls]).toEqual(["completed", 2]);
    });

    test("its promise fulfils also when a callback fails", async () => {
      let kept: Promise<unknown> | undefined;
      const waitUntil = (promise: Promise<unknown>) => {
        kept = promise;
      };
      const response = new ResponseThen("x", () => Promise.reject("failed"), { waitUntil, onError: nothing });
      await response.text();
      await expect(kept).resolves.toMatchObject({ type: "completed" });
    });

    test("as an object is called on its own this", async () => {
      class Context {
        readonly #promises: Promise<unknown>[] = [];
        waitUntil(promise: Promise<unknown>) {
          this.#promises.push(promise);
        }
        get count() {
          return this.#promises.length;
        }
      }
      const context = new Context();
      const response = new ResponseThen(null, nothing, { waitUntil: context });
      expect(context.count).toBe(1);
      ResponseThen.from(new Response(null), nothing, { waitUntil: context });
      ResponseThen.json({}, nothing, { waitUntil: context }).body?.cancel();
      expect(context.count).toBe(3);
      await response.finished;
    });

    test("of the class is used where the options bring none, also in json, redirect and from", async () => {
      const events: string[] = [];
      class OnPlatform extends ResponseThen {
        static override readonly waitUntil = () => void events.push("ambient");
      }
      const made = [
        new OnPlatform(null, nothing),
        OnPlatform.from(new Response(null), nothing),
        OnPlatform.json({}, nothing),
        OnPlatform.redirect("http://localhost/", nothing),
      ];
      expect(events).toEqual(["ambient", "ambient", "ambient", "ambient"]);
      made.push(new OnPlatform(null, nothing, { waitUntil: () => void events.push("own") }));
      expect(events.slice(4)).toEqual(["own"]);
      for (const response of made) {
        await response.arrayBuffer();
        await (response as ResponseThen).finished;
      }
    });

    test.for([
      ["null", null],
      ["a string", "text"],
      ["a stream", "stream"],
    ])("that throws makes the constructor throw, and leaves nothing in flight (%s)", async ([name, given]) => {
      const before = await leftInFlight();
      const events: unknown[] = [];
      const source = new ReadableStream();
      const waitUntil = () => {
        throw new Error("too late to wait");
      };
      const make = () =>
        new ResponseThen(name === "a stream" ? source : (given as string | null), () => events.push("callback"), {
          waitUntil,
        });
      expect(make).toThrow("too late to wait");
      await pause(5);
      expect(await inFlight()).toBe(before);
      expect(source.locked).toBe(false);
      expect(events).toEqual([]);
    });
  });

  describe("the outcome", () => {
    const FACTS = ["bytes", "chunks", "duration", "observed", "response", "startTime", "type"];
    const keysOf = (outcome: Outcome) => Object.keys(outcome).sort();
    const failing = (...chunks: Uint8Array[]) =>
      new ReadableStream(
        {
          pull(controller) {
            const chunk = chunks.shift();
            if (chunk) controller.enqueue(chunk);
            else controller.error("failed");
          },
        },
        { highWaterMark: 0 },
      );
    const cancelAfter = (reads: number) => async (response: Response) => {
      const reader = (response.body as ReadableStream).getReader();
      for (let i = 0; i < reads; i++) await reader.read();
      await reader.cancel("left");
    };
    const readAll = (response: Response) => response.text().catch(nothing);
    type Case = [string, () => ResponseThen, (response: Response) => Promise<unknown>, string[], object];
    const cases: Case[] = [
      [
        "completed",
        () => new ResponseThen("abc", nothing),
        readAll,
        ["firstByteTime"],
        { type: "completed", observed: "pulled", bytes: 3, chunks: 1 },
      ],
      [
        "completed, an empty body",
        () => new ResponseThen("", nothing),
        readAll,
        [],
        { type: "completed", observed: "pulled", bytes: 0, chunks: 0 },
      ],
      [
        "completed, no body",
        () => new ResponseThen(null, nothing),
        readAll,
        [],
        { type: "completed", observed: "handed-over", bytes: 0, chunks: 0 },
      ],
      [
        "canceled before the body",
        () => new ResponseThen("abc", nothing),
        cancelAfter(0),
        ["phase", "reason", "released"],
        { type: "canceled", observed: "pulled", bytes: 0, chunks: 0, phase: "before-body", released: true },
      ],
      [
        "canceled in the body",
        () => new ResponseThen(streamOf(bytes(10), bytes(10)), nothing),
        cancelAfter(1),
        ["phase", "reason", "released", "firstByteTime"],
        { type: "canceled", observed: "pulled", bytes: 10, chunks: 1, phase: "mid-body", released: true },
      ],
      [
        "canceled, with onCancel: consume",
        () => new ResponseThen(streamOf(bytes(10), bytes(20), bytes(30)), nothing, { onCancel: "consume" }),
        cancelAfter(1),
        ["phase", "reason", "released", "firstByteTime", "consumed"],
        {
          type: "canceled",
          observed: "pulled",
          bytes: 10,
          chunks: 1,
          phase: "mid-body",
          released: true,
          consumed: { bytes: 50, whole: true },
        },
      ],
      [
        "errored before the body",
        () => new ResponseThen(failing(), nothing),
        readAll,
        ["error", "phase"],
        { type: "errored", observed: "pulled", bytes: 0, chunks: 0, phase: "before-body", error: "failed" },
      ],
      [
        "errored in the body",
        () => new ResponseThen(failing(bytes(10), bytes(5)), nothing),
        readAll,
        ["error", "phase", "firstByteTime"],
        { type: "errored", observed: "pulled", bytes: 15, chunks: 2, phase: "mid-body", error: "failed" },
      ],
    ];

    test.for(cases)("has exactly its members: %s", async ([, make, end, keys, facts]) => {
      const before = Date.now();
      const response = make();
      const built = Date.now();
      await end(response);
      const outcome = await response.finished;
      expect(keysOf(outcome)).toEqual([...FACTS, ...keys].sort());
      expect(outcome).toMatchObject(facts);
      expect(outcome.response).toBe(response);
      expect(outcome.startTime).toBeGreaterThanOrEqual(before);
      expect(outcome.startTime).toBeLessThanOrEqual(built);
      expect(outcome.duration).toBeGreaterThan(0);
      const firstByte = outcome.firstByteTime ?? outcome.startTime;
      expect(firstByte).toBeGreaterThanOrEqual(outcome.startTime);
      expect(firstByte - outcome.startTime).toBeLessThanOrEqual(outcome.duration + 0.01);
    });

    test("firstByteTime is that of the first piece, and duration lasts to the end, not to the callbacks", async () => {
      let pulls = 0;
      const source = new ReadableStream(
        {
          async pull(controller) {
            await pause(40);
            if (pulls++ < 2) controller.enqueue(bytes(1));
            else controller.close();
          },
        },
        { highWaterMark: 0 },
      );
      let atCallback = 0;
      const started = performance.now();
      const response = new ResponseThen(source, async () => {
        atCallback = performance.now() - started;
        await pause(40);
      });
      await response.arrayBuffer();
      const { firstByteTime = 0, startTime, duration } = await response.finished;
      // A timer may be up to 1 ms early.
      expect(firstByteTime - startTime).toBeGreaterThanOrEqual(38);
      expect(duration - (firstByteTime - startTime)).toBeGreaterThanOrEqual(76);
      expect(duration).toBeLessThanOrEqual(atCallback);
    });

    // A stream may begin with a chunk of no bytes, to get the head sent: that is not the first byte.
    test("firstByteTime and phase do not take an empty chunk for a byte", async () => {
      const only = new ResponseThen(streamOf(bytes(0)), nothing);
      await only.arrayBuffer();
      const outcome = await only.finished;
      expect([outcome.type, outcome.bytes]).toEqual(["completed", 0]);
      expect(outcome).not.toHaveProperty("firstByteTime");
    });
  });
});
