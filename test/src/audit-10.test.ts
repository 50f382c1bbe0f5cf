// Audit of issue 15, item 10: the small holes. Each of these failed when it was written; to be folded into the files of
// what they are about.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { drain, type Outcome, ResponseThen } from "../../src/index.ts";
import { installed } from "../servers/shutdown/process.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const endless = () => new Promise(() => {});
const readerOf = (response: Response) => (response.body as ReadableStream<unknown>).getReader();

// It was asked by its own `then`, and each time that this called back was a report.
describe("a thenable that fails in finally, after an overrun, is reported once", () => {
  test.for<[string, (reject: (error: Error) => void) => void]>([
    [
      "that rejects twice",
      (reject) => {
        reject(new Error("first"));
        reject(new Error("second"));
      },
    ],
    [
      "that rejects and throws",
      (reject) => {
        reject(new Error("first"));
        throw new Error("second");
      },
    ],
  ])("%s", async ([, fail]) => {
    const reports: string[] = [];
    const callback = {
      completed: endless,
      // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
      finally: () => ({ then: (_: unknown, reject: (error: Error) => void) => fail(reject) }),
    };
    const onError = (error: unknown) => void reports.push((error as Error).message);
    const { finished } = new ResponseThen(null, callback, { timeout: 5, onError });
    await finished;
    await pause(5);
    expect(reports).toEqual([expect.stringContaining("timeout of 5 ms"), "first"]);
  });
});

// 2 ** 31 - 0.5 is below 2 ** 31, and more than a timer takes: it fired after 1 ms.
describe("a limit of 2 ** 31 - 0.5 ms, of which no timer can be made, does not fire at once", () => {
  const limit = 2 ** 31 - 0.5;

  test("as the timeout of a callback", async () => {
    const reports: unknown[] = [];
    let aborted: boolean | undefined;
    const callback = async (_: Outcome, { signal }: { signal: AbortSignal }) => {
      await pause(30);
      aborted = signal.aborted;
    };
    const onError = (error: unknown) => void reports.push(error);
    await new ResponseThen(null, callback, { timeout: limit, onError }).finished;
    expect([aborted, reports]).toEqual([false, []]);
  });

  test("as that of drain()", async () => {
    const response = new ResponseThen("text", () => {});
    const drained = drain({ timeout: limit });
    await pause(30);
    await response.text();
    expect(await drained).toEqual({ settled: 1, pending: 0 });
  });

  test("as that of onCancel: consume", async () => {
    const source = new ReadableStream({
      async pull(controller) {
        await pause(30);
        controller.enqueue(new Uint8Array(3));
        controller.close();
      },
    });
    const response = new ResponseThen(source, () => {}, { onCancel: "consume", consumeLimit: { ms: limit } });
    await response.body?.cancel();
    expect(await response.finished).toMatchObject({ consumed: { bytes: 3, whole: true } });
  });
});

// What `waitUntil` returns was dropped: as an async function that fails it ended the process on Node.
describe("a waitUntil that returns a promise which rejects leaves nothing unhandled", () => {
  const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const ways: readonly [string, string][] = [
    ["a function", `await new ResponseThen(null, told, { waitUntil }).finished;`],
    ["an object", `await new ResponseThen(null, told, { waitUntil: { waitUntil } }).finished;`],
    [
      "for a callback that is added late",
      `let count = 0;
       const late = () => (count++ === 0 ? undefined : waitUntil());
       const response = new ResponseThen(null, () => {}, { waitUntil: late });
       await response.finished;
       response.onFinished(told);`,
    ],
    [
      "of a host, for a response that brings none, and for the handler",
      `const { Hono } = await import(${source("../../node_modules/hono/dist/index.js")});
       const { responseThen } = await import(${source("../../adapters/hono.ts")});
       const app = new Hono();
       app.use(responseThen(told));
       app.get("/", (c) => c.text("text"));
       await (await app.request("/", {}, {}, { waitUntil, passThroughOnException() {} })).text();`,
    ],
  ];
  const runtimes: readonly [string, string, readonly string[]][] = [
    ["node", process.execPath, ["--input-type=module-typescript", "-"]],
    ["bun", installed("bun"), ["run", "-"]],
    ["deno", installed("deno"), ["run", "-A", "--no-check", "--ext=ts", "-"]],
  ];
  for (const [runtime, command, args] of runtimes) {
    test.for(ways)(`%s, on ${runtime}`, async ([, code]) => {
      const child = spawn(command, args, { cwd: file("../.."), stdio: ["pipe", "pipe", "pipe"] });
      let printed = "";
      child.stdout.on("data", (text) => {
        printed += text;
      });
      let complaints = "";
      child.stderr.on("data", (text) => {
        complaints += text;
      });
      child.stdin.end(`
        import { ResponseThen } from ${source("../../src/index.ts")};
        const waitUntil = () => Promise.reject(new Error("waitUntil failed"));
        const told = () => console.log("told");
        ${code}
        setTimeout(() => console.log("still alive"), 50);`);
      const [exit] = await once(child, "close");
      expect([exit, printed.trim().split("\n"), complaints]).toEqual([0, ["told", "still alive"], ""]);
    });
  }
});

// The lock was freed when `cancel()` had settled, and never where that never does.
describe("a source whose cancel() never settles frees its lock", () => {
  const never = (chunks: number) => {
    let left = chunks;
    const pull = (controller: ReadableStreamDefaultController) =>
      left-- > 0 ? controller.enqueue(new Uint8Array(3)) : endless();
    return new ReadableStream({ pull: pull as () => Promise<void>, cancel: endless as () => Promise<void> });
  };

  test.for([
    ["while a read is pending", 0, 1],
    ["between two reads", 1, 1],
  ] as const)("%s: before the callback is told that it was not released", async ([, chunks, reads]) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const source = never(chunks);
      const seen: unknown[] = [];
      const response = new ResponseThen(source, (outcome) => {
        seen.push(outcome.type, (outcome as { released?: boolean }).released, source.locked);
      });
      const reader = readerOf(response);
      for (let i = 0; i < reads; i++) void reader.read();
      await new Promise((resolve) => setImmediate(resolve));
      void reader.cancel();
      await vi.advanceTimersByTimeAsync(5_100);
      await response.finished;
      expect(seen).toEqual(["canceled", false, false]);
    } finally {
      vi.useRealTimers();
    }
  });
});

// What was thrown for a piece was the stream's error, and nobody told the lifecycle: it stayed open for ever.
describe("a chunk whose byteLength throws ends the response as errored, and cancels the source", () => {
  const trap = {
    get(): number {
      throw new Error("byteLength failed");
    },
  };
  test.for([
    ["of an object", () => Object.defineProperty({}, "byteLength", trap)],
    ["of a view", () => Object.defineProperty(new Uint8Array(3), "byteLength", trap)],
  ] as const)("%s", async ([, make]) => {
    const told: Outcome[] = [];
    const canceled: unknown[] = [];
    const source = new ReadableStream(
      { pull: (controller) => controller.enqueue(make()), cancel: (reason) => void canceled.push(reason) },
      { highWaterMark: 0 },
    );
    const response = new ResponseThen(source, (outcome) => void told.push(outcome));
    const error = await readerOf(response)
      .read()
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ message: "byteLength failed" });
    await Promise.race([response.finished, pause(500)]);
    expect(told).toMatchObject([{ type: "errored", error, phase: "before-body" }]);
    expect.soft([canceled, source.locked]).toEqual([[error], false]);
  });

  test("with onCancel: consume too", async () => {
    const canceled: unknown[] = [];
    const source = new ReadableStream(
      {
        pull: (controller) => controller.enqueue(Object.defineProperty({}, "byteLength", trap)),
        cancel: (reason) => void canceled.push(reason),
      },
      { highWaterMark: 0 },
    );
    const response = new ResponseThen(source, () => {}, { onCancel: "consume" });
    await response.body?.cancel();
    const outcome = await Promise.race([response.finished, pause(500)]);
    expect(outcome).toMatchObject({ type: "canceled", reason: { cause: { message: "byteLength failed" } } });
    expect.soft([canceled.length, source.locked]).toEqual([1, false]);
  });
});
