// Audit of issue 15, item 15: where a response differed from the plain one. Each test failed when it was written.
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { afterEach, describe, expect, test, vi } from "vitest";
import { ResponseThen } from "../../src/index.ts";
import { installed } from "../servers/shutdown/process.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

const nothing = () => {};
const source = () =>
  new ReadableStream<Uint8Array<ArrayBuffer>>(
    { pull: (controller) => controller.enqueue(new Uint8Array(3)) },
    { highWaterMark: 0 },
  );

// The stream of the response is another one, and knew nothing of what happened to its source.
describe("bodyUsed, after somebody else has touched the source, is that of the plain Response", () => {
  const ways: [string, (stream: ReadableStream) => unknown][] = [
    [
      "has read from it, and let go of it",
      async (stream) => {
        const reader = stream.getReader();
        await reader.read();
        reader.releaseLock();
      },
    ],
    ["has read from it, and keeps it locked", (stream) => stream.getReader().read()],
    ["has locked it, and read nothing", (stream) => stream.getReader()],
    ["has canceled it", (stream) => stream.cancel()],
    ["has begun to read it", (stream) => void stream.getReader().read()],
    ["has teed it", (stream) => stream.tee()],
  ];
  // What from() was given is locked by it: nobody can touch that.
  test.for(ways)("%s", async ([, touch]) => {
    const [theirs, ours] = [source(), source()];
    const [plain, response] = [new Response(theirs), new ResponseThen(ours, nothing)];
    await touch(theirs);
    await touch(ours);
    expect(response.bodyUsed).toBe(plain.bodyUsed);
  });
});

// It asked every piece for its `size` too; and an outcome is written into an object literal, member by member.
describe("an accessor on Object.prototype that throws changes no body and no outcome", () => {
  const href = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  /** In a process of its own: test runners do not stand it. Prints what differs from the plain response. */
  const program = (name: string, descriptor: string) => `
    import { ResponseThen } from ${href("../../src/index.ts")};
    import { withResponseThen } from ${href("../../adapters/node.ts")};
    const bodies = {
      "a string": () => "text",
      "a view": () => new Uint8Array(4),
      "an ArrayBuffer": () => new ArrayBuffer(4),
      "URLSearchParams": () => new URLSearchParams({ a: "12" }),
      "a Blob": () => new Blob(["text"]),
      "a stream": () => new ReadableStream({ start(c) { c.enqueue(new Uint8Array(4)); c.close(); } }),
      "nothing": () => null,
    };
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const trap = () => { throw new Error("polluted"); };
    const ways = {
      alone: (make) => make(),
      wrapped: (make) => withResponseThen(make, () => {})(new Request("http://localhost/")),
    };
    const lines = [];
    globalThis.process?.on("unhandledRejection", () => {});
    globalThis.process?.on("uncaughtException", () => {});
    globalThis.addEventListener?.("unhandledrejection", (event) => event.preventDefault());
    for (const [kind, make] of Object.entries(bodies)) {
      for (const [way, answer] of Object.entries(ways)) {
        const [body, same] = [make(), make()];
        const told = [];
        let wanted, seen;
        const descriptor = { ...${descriptor}, configurable: true };
        Object.defineProperty(Object.prototype, ${JSON.stringify(name)}, descriptor);
        try {
          try { wanted = await new Response(same).text(); } catch { wanted = "throws"; }
          try {
            const response = await answer(() => new ResponseThen(body, (outcome) => told.push(outcome)));
            seen = await response.text();
          } catch { seen = "throws"; }
          for (let i = 0; i < 20 && told.length === 0; i++) await pause(2);
        } finally {
          delete Object.prototype[${JSON.stringify(name)}];
        }
        const type = told.map((outcome) => outcome.type).join() || "nothing told";
        if (wanted !== "throws" && (seen !== wanted || type !== "completed"))
          lines.push(kind + " " + way + ": " + JSON.stringify(seen) + ", " + type);
      }
    }
    console.log(JSON.stringify(lines));
    globalThis.process?.exit(0);`;
  const runtimes: readonly [string, string, readonly string[]][] = [
    ["node", process.execPath, ["--input-type=module-typescript", "-"]],
    ["bun", installed("bun"), ["run", "-"]],
    ["deno", installed("deno"), ["run", "-A", "--no-check", "--ext=ts", "-"]],
  ];
  const traps = [
    ["read", "{ get: trap }"],
    ["read or written", "{ get: trap, set: trap }"],
  ] as const;
  const cases = runtimes.flatMap(([runtime, command, args]) =>
    ["type", "size"].flatMap((name) =>
      traps.map(([what, descriptor]) => ({ runtime, name, what, descriptor, command, args })),
    ),
  );

  test.for(cases)("on $runtime: $name, that throws when it is $what", async ({ command, args, name, descriptor }) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        printed += text;
      });
    }
    child.stdin.end(program(name, descriptor));
    await once(child, "close");
    expect(printed.trim()).toBe("[]");
  });
});

// It was asked for each time: a test's fake clock, or none, was the duration's.
describe("performance is that of when the module was loaded", () => {
  test.for([
    ["another one", { now: () => 1e9 }],
    ["none", undefined],
  ])("whatever is in its place later: %s", async ([, later]) => {
    const response = new ResponseThen("text", nothing);
    vi.stubGlobal("performance", later);
    await response.text();
    const { duration } = await response.finished;
    expect(duration).toBeGreaterThanOrEqual(0);
    expect(duration).toBeLessThan(10_000);
  });
});

// Bun makes the type of what it collects itself, and knows none of a stream: `""`, whatever the headers said.
test("on Bun blob() has the type of the headers, as on the plain Response", async () => {
  const href = JSON.stringify(new URL("../../src/index.ts", import.meta.url).href);
  const child = spawn(installed("bun"), ["run", "-"], { stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (text) => {
    printed += text;
  });
  child.stdin.end(`
    import { ResponseThen } from ${href};
    const headers = { "content-type": "text/html" };
    const bodies = {
      "a string": ["text"],
      "a string with a type": ["text", { headers }],
      "bytes with a type": [new Uint8Array(3), { headers }],
      "a Blob": [new Blob(["text"], { type: "text/css" })],
      "URLSearchParams": [new URLSearchParams("a=1")],
    };
    const types = {};
    for (const [kind, [body, init]] of Object.entries(bodies)) {
      const wanted = (await new Response(body, init).blob()).type;
      const seen = (await new ResponseThen(body, () => {}, init).blob()).type;
      if (seen.toLowerCase() !== wanted.toLowerCase()) types[kind] = { wanted, seen };
    }
    const json = (await ResponseThen.json({}, () => {}).blob()).type;
    if (!json.startsWith("application/json")) types.json = json;
    console.log(JSON.stringify(types));`);
  await once(child, "close");
  expect(JSON.parse(printed)).toEqual({});
});
