// What SECURITY.md promises, as far as no other test holds it.
import { execFile } from "node:child_process";
import { connect } from "node:net";
import { setImmediate as macrotask } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { runtimes, type SoakedServer, startServer } from "../../soak/server.ts";
import { drain, type Outcome, ResponseThen, responseFinished } from "../../src/index.ts";
import { leaveNothingInFlight } from "../told.ts";

leaveNothingInFlight();

const trap = () => {
  throw new Error("trapped");
};
/** Throws whatever is done with it. */
const trapped = (target: object) => new Proxy(target, new Proxy({}, { get: () => trap }));

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

/** An object whose members cannot be looked at. */
function unreadable<T extends object>(target: T): T {
  for (const name of ["message", "name", "cause", "stack", "then", "toString", Symbol.toPrimitive, "constructor"]) {
    Object.defineProperty(target, name, { get: trap, configurable: true });
  }
  return target;
}

const hostile: [name: string, make: () => unknown][] = [
  ["an object whose members throw", () => unreadable({})],
  ["an Error whose members throw", () => unreadable(new Error("hidden"))],
  ["an object without a prototype", () => Object.create(null)],
  ["a Proxy that throws", () => trapped({})],
  ["a Proxy of an Error that throws", () => trapped(new Error("hidden"))],
  ["a revoked Proxy", revoked],
  ["a symbol", () => Symbol("reason")],
  ["a function", () => trap],
  ["a bigint", () => 1n],
  ["a text of 10 MB", () => "x".repeat(10_000_000)],
  ["a frozen Error", () => Object.freeze(new Error("frozen"))],
  ["an Error that is its own cause", () => Object.assign(new Error("round"), { cause: "replaced" })],
];

/** Waits for a response to end, but not for ever. */
async function outcomeOf(response: ResponseThen): Promise<Outcome | "none"> {
  for (let i = 0; i < 20; i++) await macrotask();
  return Promise.race([response.finished, new Promise<"none">((resolve) => setTimeout(resolve, 1_000, "none"))]);
}

describe("a hostile reason", () => {
  // A Proxy made `reason instanceof Error` throw: the callback never ran, and the source was never let go of.
  test.for(hostile)("to cancel with, %s, ends the response and lets go of its source", async ([, make]) => {
    const reason = make();
    const reasons: unknown[] = [];
    const told: Outcome[] = [];
    const source = new ReadableStream({ cancel: (given) => void reasons.push(given) }, { highWaterMark: 0 });
    const response = new ResponseThen(source, (outcome) => void told.push(outcome));
    await response.body?.cancel(reason).catch(() => {});
    expect(await outcomeOf(response)).toMatchObject({ type: "canceled" });
    const outcome = told[0] as Extract<Outcome, { type: "canceled" }>;
    expect(told.length).toBe(1);
    // What it is, no more: to look into it is the callback's risk.
    const same = Object.is(outcome.reason, reason);
    expect(same || Object.is(Object.getOwnPropertyDescriptor(outcome.reason, "cause")?.value, reason)).toBe(true);
    expect([reasons.length, Object.is(reasons[0], reason), source.locked]).toEqual([1, true, false]);
  });

  test.for(hostile)("of a source that fails, %s, is passed on unchanged", async ([, make]) => {
    const error = make();
    const told: Outcome[] = [];
    const source = new ReadableStream({ pull: (controller) => controller.error(error) }, { highWaterMark: 0 });
    const response = new ResponseThen(source, (outcome) => void told.push(outcome));
    const seen = await (response.body as ReadableStream)
      .getReader()
      .read()
      .catch((thrown) => [thrown]);
    expect(Array.isArray(seen) && Object.is(seen[0], error)).toBe(true);
    await outcomeOf(response);
    const outcome = told[0] as Extract<Outcome, { type: "errored" }>;
    expect([told.length, outcome.type, Object.is(outcome.error, error)]).toEqual([1, "errored", true]);
  });

  test.for(hostile)("of a callback that fails, %s, is reported once and stops no other", async ([, make]) => {
    const error = make();
    const reports: unknown[] = [];
    const events: string[] = [];
    const fail = () => {
      throw error;
    };
    const callbacks = [fail, { completed: () => Promise.reject(error), finally: () => void events.push("finally") }];
    const response = new ResponseThen("text", callbacks, { onError: (given) => void reports.push(given) });
    await response.text();
    expect(await outcomeOf(response)).toMatchObject({ type: "completed" });
    expect([events, reports.length, reports.every((given) => Object.is(given, error))]).toEqual([["finally"], 2, true]);
  });

  test.for(hostile)("of a callback that fails, %s, goes to the console without harm", async ([, make]) => {
    const lines = vi.spyOn(console, "error").mockImplementation((...args) => {
      // As a console does that looks at all it is given.
      for (const arg of args) void `${(arg as Error).message}`;
    });
    const response = new ResponseThen("text", () => {
      throw make();
    });
    await response.text();
    expect(await outcomeOf(response)).toMatchObject({ type: "completed" });
    expect(lines).toHaveBeenCalledTimes(1);
    lines.mockRestore();
  });
});

test("what a callback returns is only asked whether it is a promise, and may throw at that", async () => {
  const reports: unknown[] = [];
  const response = new ResponseThen("text", [() => trapped({}), revoked, () => unreadable({}), () => 1], {
    onError: (error) => void reports.push((error as Error).message),
  });
  await response.text();
  await response.finished;
  expect(reports).toEqual(["trapped", expect.stringContaining("revoked"), "trapped"]);
});

describe("hostile headers", () => {
  test.for([
    ["a line end in a value", { "x-a": "a\r\nset-cookie: b=c" }],
    ["a line end in a name", { "x-a\r\nset-cookie": "b" }],
    ["a NUL", { "x-a": "a\0b" }],
  ])("%s makes the constructor throw as Response does, and leaves nothing in flight", async ([, headers]) => {
    const before = (await drain({ timeout: 0 })).pending;
    let ran = 0;
    const build = () => new ResponseThen("text", () => ran++, { headers: headers as Record<string, string> });
    expect(() => new Response("text", { headers: headers as Record<string, string> })).toThrow(TypeError);
    expect(build).toThrow(TypeError);
    await macrotask();
    expect([ran, (await drain({ timeout: 0 })).pending - before]).toEqual([0, 0]);
  });

  test("of any kind are those of the plain response, to the letter", async () => {
    const headers: [string, string][] = [
      ["x-long", "x".repeat(100_000)],
      ["x-latin", "\u00ff\t\u00a0"],
      ["__proto__", "polluted"],
      ["constructor", "polluted"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ];
    const response = new ResponseThen("text", () => {}, { headers });
    expect([...response.headers]).toEqual([...new Response("text", { headers }).headers]);
    await response.text();
  });
});

describe("a polluted Object.prototype", () => {
  const names = [
    "observed",
    "duration",
    "consumed",
    "released",
    "counted",
    "response",
    "request",
    "reason",
    "error",
    "phase",
    "type",
    "value",
    "done",
    "cause",
    "then",
  ];

  // What an attacker can pollute by JSON is data; the streams' own members: content.test.ts.
  test.for(names)("with %s keeps no callback from running, and no listener", async (name) => {
    const polluted = Object.prototype as Record<string, unknown>;
    const told: [string, Outcome][] = [];
    const unsubscribe = responseFinished.subscribe((outcome) => void told.push(["listener", outcome]));
    const tell = (which: string) => (outcome: Outcome) => void told.push([which, outcome]);
    Object.defineProperty(polluted, name, { value: "polluted", configurable: true, writable: true });
    try {
      const read = new ResponseThen("text", tell("read"));
      const left = new ResponseThen("text", tell("left"));
      const nothing = new ResponseThen(null, tell("nothing"));
      expect(await read.text()).toBe("text");
      await left.body?.cancel("left");
      await Promise.all([read.finished, left.finished, nothing.finished]);
    } finally {
      delete polluted[name];
      unsubscribe();
    }
    expect(told.map(([which, { type, bytes }]) => [which, Object.hasOwn({ type }, "type") && type, bytes])).toEqual(
      expect.arrayContaining([
        ["read", "completed", 4],
        ["left", "canceled", 0],
        ["nothing", "completed", 0],
        ["listener", "completed", 4],
      ]),
    );
    expect(told.length).toBe(6);
  });
});

describe("the console, where there is no onError", () => {
  // Said in SECURITY.md, so that nobody is surprised: who must not log cookies gives an onError.
  test("is told of the outcome with the response's headers", async () => {
    const script = `
      import { ResponseThen } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
      const fail = () => { throw new Error("callback failed"); };
      await new ResponseThen("text", fail, { headers: { "set-cookie": "session=1" } }).text();
    `;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script]);
    expect(stdout).toBe("");
    expect(stderr.match(/a callback failed/g)).toEqual(["a callback failed"]);
    expect(stderr).toContain("session=1");
  });
});

// Not ours, and said in SECURITY.md: when this fails, Node has mended it.
test("a FormData that is canceled at the wrong moment leaves a rejection behind in a plain Response, a Blob made of it does not", async () => {
  const script = (make: string) => `
    import { ResponseThen } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
    let left = 0;
    process.on("unhandledRejection", () => left++);
    const form = new FormData();
    form.set("field", "value");
    const blob = await new Response(form).blob();
    for (let wait = 0; wait < 20; wait++) {
      const { body } = ${make};
      for (let i = 0; i < wait; i++) await undefined;
      await body.cancel();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    console.log(left > 0);
  `;
  const leaves = async (make: string) => {
    const args = ["--input-type=module", "--eval", script(make)];
    return (await promisify(execFile)(process.execPath, args)).stdout.trim();
  };
  const all = ["new Response(form)", "new Response(blob)", "new ResponseThen(blob, () => {})"];
  expect(await Promise.all(all.map(leaves))).toEqual(["true", "false", "false"]);
});

/** All that a client gets on a connection that the server closes. */
function allOf(port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(text));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  });
}

describe.for(runtimes)("to a client of %s", (runtime) => {
  let server: SoakedServer;
  beforeAll(async () => {
    server = await startServer(runtime);
  });
  afterAll(() => server.close());

  // Their messages are in soak/serve/app.ts and books.ts.
  const secrets = /the source failed|the callback (threw|rejected)|Error|response-then|at .*\.ts/;

  test.for(["alone", "wrapped", "told"])("nothing is told of an error or of a callback's failure, %s", async (way) => {
    for (const failure of ["throws", "rejects", "hangs"]) {
      const order = `name=source+error&failure=${failure}&callbacks=3&size=100&every=0`;
      const text = await allOf(server.port, `/${way}/text?${order}`);
      const cut = await allOf(server.port, `/${way}/fails?${order}&chunks=2`);
      const empty = await allOf(server.port, `/${way}/fails?${order}&chunks=0`);
      expect(text).toContain("x".repeat(100));
      expect(cut).toContain("x".repeat(100));
      expect([text, cut, empty].filter((answer) => secrets.test(answer))).toEqual([]);
    }
  });
});
