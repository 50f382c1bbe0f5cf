import { AsyncLocalStorage } from "node:async_hooks";
import { execFile } from "node:child_process";
import { setTimeout as pause, setImmediate as turn } from "node:timers/promises";
import { promisify } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { type Canceled, drain, type Outcome, ResponseThen } from "../../../src/index.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

type Event = string | readonly unknown[];

const nothing = () => {};

/** Collects garbage until `done` says so, so many times at most: few where nothing is to be collected. */
async function collectUntil(done: () => boolean, times = 100): Promise<boolean> {
  for (let i = 0; i < times && !done(); i++) {
    // Apart from done(): what a WeakRef has shown stays alive for the rest of the job.
    await turn();
    gc();
    await pause(1);
  }
  return done();
}

/** The outcome of a response that nobody holds any more. */
async function outcomeOfDropped(finished: Promise<Outcome>): Promise<Canceled> {
  let outcome: Outcome | undefined;
  void finished.then((given) => {
    outcome = given;
  });
  await collectUntil(() => outcome !== undefined);
  expect(outcome?.type).toBe("canceled");
  return outcome as Canceled;
}

/** An endless source that notes its cancel in `events`, and refers to nothing else. */
function endless(events: Event[], type?: "bytes"): ReadableStream {
  const source = {
    type,
    pull: (controller: ReadableStreamController<unknown>) => controller.enqueue(new Uint8Array(10)),
    cancel: (reason: unknown) => void events.push(["source canceled", reason]),
  };
  return new ReadableStream(source as UnderlyingDefaultSource, { highWaterMark: 0 });
}

/** A callback that notes its outcome in `events`. */
const noteIn =
  (events: Event[]) =>
  ({ type, bytes }: Outcome) =>
    void events.push(["callback", type, bytes]);

const headOf = ({ status, statusText, headers }: Response) => ({ status, statusText, headers: [...headers] });

describe("a response that is dropped unread", () => {
  const kinds: [name: string, make: (events: Event[]) => BodyInit, canceled: boolean][] = [
    ["a string", () => "text", false],
    ["an empty string", () => "", false],
    ["bytes", () => new Uint8Array(100_000), false],
    ["a stream", (events) => endless(events), true],
    ["a byte stream", (events) => endless(events, "bytes"), true],
  ];

  test.for(kinds)("with %s ends as canceled, with an AbandonedError", async ([, make, canceled]) => {
    const events: Event[] = [];
    const outcome = await outcomeOfDropped(
      (() => new ResponseThen(make(events), noteIn(events), { status: 201 }).finished)(),
    );
    expect(outcome).toMatchObject({ type: "canceled", observed: "pulled", phase: "before-body", bytes: 0, chunks: 0 });
    expect(outcome.reason).toBeInstanceOf(Error);
    expect(outcome.reason.name).toBe("AbandonedError");
    expect(events).toEqual([...(canceled ? [["source canceled", outcome.reason]] : []), ["callback", "canceled", 0]]);
    if (canceled) expect((events[0] as unknown[])[1]).toBe(outcome.reason);
  });

  test("is out of drain's list then", async () => {
    const before = (await drain({ timeout: 100 })).pending;
    const finished = (() => new ResponseThen("x", nothing).finished)();
    expect((await drain({ timeout: 0 })).pending).toBe(before + 1);
    await outcomeOfDropped(finished);
    expect((await drain({ timeout: 100 })).pending).toBe(before);
  });

  test("frees the lock of its source", async () => {
    const source = endless([]);
    await outcomeOfDropped((() => new ResponseThen(source, nothing).finished)());
    expect(source.locked).toBe(false);
  });

  test("does not read its source on, with onCancel: consume", async () => {
    const events: Event[] = [];
    const make = () => new ResponseThen(endless(events), noteIn(events), { onCancel: "consume" }).finished;
    const outcome = await outcomeOfDropped(make());
    expect(outcome).not.toHaveProperty("consumed");
    expect(events).toEqual([
      ["source canceled", outcome.reason],
      ["callback", "canceled", 0],
    ]);
  });

  test("runs its callbacks in the async context in which they were registered", async () => {
    const events: Event[] = [];
    const storage = new AsyncLocalStorage<string>();
    const callback = () => void events.push(storage.getStore() ?? "none");
    await outcomeOfDropped(storage.run("built", () => new ResponseThen("x", callback).finished));
    expect(events).toEqual(["built"]);
  });

  test("and whose source's cancel() fails ends as canceled", async () => {
    const events: Event[] = [];
    const make = () => {
      const source = new ReadableStream({ cancel: () => Promise.reject(new Error("cancel failed")) });
      new ResponseThen(source, noteIn(events));
    };
    make();
    await collectUntil(() => events.length > 0);
    expect(events).toEqual([["callback", "canceled", 0]]);
  });

  test("and whose source somebody else has locked since ends as canceled", async () => {
    const events: Event[] = [];
    const source = endless(events);
    const make = () => new ResponseThen(source, noteIn(events));
    make();
    const reader = source.getReader();
    await collectUntil(() => events.length > 0);
    expect(events).toEqual([["callback", "canceled", 0]]);
    reader.releaseLock();
  });

  test("while its body is in somebody's hands is not abandoned, and is itself in the outcome", async () => {
    const events: Event[] = [];
    const body = (() => new ResponseThen("text", noteIn(events), { status: 201 }).body)();
    await collectUntil(() => events.length > 0, 10);
    expect(events).toEqual([]);
    expect(await new Response(body).text()).toBe("text");
    await collectUntil(() => events.length > 0);
    expect(events).toEqual([["callback", "completed", 4]]);
  });

  test("while its re-wrapped body is in somebody's hands completes with itself in the outcome", async () => {
    const outcomes: Outcome[] = [];
    const rewrap = () => {
      const response = new ResponseThen("text", (outcome) => outcomes.push(outcome), { status: 201 });
      return new Response(response.body, response);
    };
    const response = rewrap();
    await collectUntil(() => outcomes.length > 0, 10);
    expect(await response.text()).toBe("text");
    await collectUntil(() => outcomes.length > 0);
    expect(outcomes).toMatchObject([{ type: "completed", bytes: 4 }]);
    expect(outcomes[0]?.response).toBeInstanceOf(ResponseThen);
    expect(outcomes[0]?.response.status).toBe(201);
  });
});

describe("a response that is dropped in the middle of its body", () => {
  test.for([undefined, "bytes"] as const)("with a source of type %s ends as canceled, mid-body", async (type) => {
    const events: Event[] = [];
    const readOnce = async () => {
      const response = new ResponseThen(endless(events, type), noteIn(events), { status: 202 });
      const { finished } = response;
      await (response.body as ReadableStream).getReader().read();
      return { finished };
    };
    const { finished } = await readOnce();
    const outcome = await outcomeOfDropped(finished);
    expect(outcome).toMatchObject({ type: "canceled", phase: "mid-body", bytes: 10, chunks: 1 });
    expect([outcome.reason.name, outcome.response.status]).toEqual(["AbandonedError", 202]);
    expect(outcome.firstByteTime).toBeGreaterThanOrEqual(outcome.startTime);
    expect(events).toEqual([
      ["source canceled", outcome.reason],
      ["callback", "canceled", 10],
    ]);
  });

  test("of bytes, likewise", async () => {
    const readOnce = async () => {
      const response = new ResponseThen(new Uint8Array(100_000), nothing);
      const { finished } = response;
      await (response.body as ReadableStream).getReader().read();
      return { finished };
    };
    const { finished } = await readOnce();
    const outcome = await outcomeOfDropped(finished);
    expect(outcome).toMatchObject({ phase: "mid-body", bytes: 65_536, chunks: 1 });
    expect(outcome.reason.name).toBe("AbandonedError");
  });
});

describe("the stand-in for a response that was collected", () => {
  /** The head of a response of ours as it was, and that of its stand-in. */
  async function heads(make: () => ResponseThen): Promise<[was: object, standIn: Response]> {
    const drop = () => {
      const response = make();
      return { was: headOf(response), finished: response.finished };
    };
    const { was, finished } = drop();
    return [was, (await outcomeOfDropped(finished)).response];
  }

  const init = { status: 404, statusText: "Gone away", headers: { "content-type": "text/x-mine", "x-a": "1" } };
  const makers: [string, () => ResponseThen][] = [
    ["without init", () => new ResponseThen(new Uint8Array(1), nothing)],
    ["with an init", () => new ResponseThen("x", nothing, init)],
    ["with Headers", () => new ResponseThen("x", nothing, { ...init, headers: new Headers(init.headers) })],
    ["with somebody's Response as init", () => new ResponseThen("x", nothing, new Response(null, init))],
    ["of from", () => ResponseThen.from(new Response("x", init), nothing)],
    ["of json", () => ResponseThen.json({}, nothing, { status: 201, headers: { "x-a": "1" } })],
    // The content-type comes from the body, not from the init.
    ["whose content-type came from its body", () => new ResponseThen("x", nothing)],
    // An iterator gives its entries once.
    [
      "whose headers came from an iterator",
      () => new ResponseThen("x", nothing, { headers: new Map([["content-type", "a/b"]]).entries() } as object),
    ],
    // The application may use its init for the next response.
    [
      "whose init was changed since",
      () => {
        const changing = { status: 201, headers: { "content-type": "a/b" } };
        const response = new ResponseThen("x", nothing, changing);
        changing.status = 500;
        changing.headers["content-type"] = "c/d";
        return response;
      },
    ],
  ];

  test.for(makers)("has the status and headers of a response %s, and no body", async ([, make]) => {
    const [was, standIn] = await heads(make);
    expect(standIn).toBeInstanceOf(Response);
    expect(standIn).not.toBeInstanceOf(ResponseThen);
    expect(standIn.body).toBe(null);
    expect(headOf(standIn)).toEqual(was);
  });
});

describe("a response whose constructor threw", () => {
  test("does not run its callback later, nor cancel the source, which stays the application's", async () => {
    const events: Event[] = [];
    const source = endless(events);
    const make = () => {
      const waitUntil = () => {
        throw new Error("no waitUntil here");
      };
      try {
        new ResponseThen(source, noteIn(events), { waitUntil });
      } catch (error) {
        events.push((error as Error).message);
      }
    };
    make();
    await collectUntil(() => events.length > 1, 20);
    expect(events).toEqual(["no waitUntil here"]);
  });

  // An error thrown inside the collection reaches nobody: it ends the process. So in one of its own.
  test("for a wrong status, headers or statusText does not end the process later", { timeout: 15_000 }, async () => {
    const code = `
      import { ResponseThen } from ${JSON.stringify(new URL("../../../src/index.ts", import.meta.url).href)};
      for (const init of [{ status: 999 }, { headers: { "bad name": "1" } }, { statusText: "a\\nb" }]) {
        try {
          new ResponseThen("x", (outcome) => console.log("callback", outcome.type), init);
        } catch (error) {
          console.log(error.name);
        }
      }
      for (let i = 0; i < 10; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      console.log("alive");
    `;
    const run = promisify(execFile)(process.execPath, ["--expose-gc", "--input-type=module", "--eval", code]);
    const { stdout } = await run.catch((error) => error);
    expect(stdout.trim().split("\n")).toEqual(["RangeError", "TypeError", "TypeError", "alive"]);
  });
});

describe("finished responses are not retained", () => {
  const COUNT = 100;
  const readAll = (response: Response) => response.arrayBuffer();
  const cancel = (response: Response) => response.body?.cancel("left");
  const chunked = () =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new Uint8Array(100_000));
        controller.close();
      },
    });
  const failing = () => new ReadableStream({ start: (controller) => controller.error(new Error("failed")) });
  type Case = [name: string, make: () => ResponseThen, end: (response: Response) => unknown];
  const cases: Case[] = [
    ["strings", () => new ResponseThen("text", nothing), readAll],
    ["bytes", () => new ResponseThen(new Uint8Array(100_000), nothing), readAll],
    ["streams", () => new ResponseThen(chunked(), nothing), readAll],
    ["null bodies", () => new ResponseThen(null, nothing), nothing],
    ["from()", () => ResponseThen.from(new Response("x"), nothing), readAll],
    ["canceled", () => new ResponseThen(chunked(), nothing), cancel],
    ["canceled and consumed", () => new ResponseThen(chunked(), nothing, { onCancel: "consume" }), cancel],
    ["errored", () => new ResponseThen(failing(), nothing), (response) => readAll(response).catch(nothing)],
    ["with waitUntil", () => new ResponseThen("x", nothing, { waitUntil: nothing }), readAll],
    ["with a promise of a callback", () => new ResponseThen("x", () => pause(1)), readAll],
    [
      "cloned",
      () => new ResponseThen("x", nothing),
      (response) => Promise.all([response.clone().arrayBuffer(), readAll(response)]),
    ],
  ];

  test.for(cases)("%s", async ([, make, end]) => {
    const one = async () => {
      const response = make();
      const { finished } = response;
      await end(response);
      await finished;
      return new WeakRef(response);
    };
    const references = await Promise.all(Array.from({ length: COUNT }, one));
    // One may still be on the stack.
    const left = () => references.filter((reference) => reference.deref() !== undefined).length;
    await collectUntil(() => left() === 0);
    expect(left()).toBeLessThanOrEqual(1);
  });

  test("but for what their outcome holds, while somebody holds the outcome", async () => {
    const read = async () => {
      const response = new ResponseThen("text", nothing);
      await response.text();
      return { outcome: await response.finished, reference: new WeakRef(response) };
    };
    const { outcome, reference } = await read();
    await collectUntil(() => reference.deref() === undefined, 10);
    expect(reference.deref()).toBe(outcome.response);
  });

  test("nor is their source, nor a source of theirs that goes on living a way to them", async () => {
    const sources: ReadableStream[] = [];
    const one = async () => {
      const source = chunked();
      sources.push(source);
      const response = new ResponseThen(source, nothing);
      const { finished } = response;
      await response.arrayBuffer();
      await finished;
      return new WeakRef(response);
    };
    const references = await Promise.all(Array.from({ length: COUNT }, one));
    const left = () => references.filter((reference) => reference.deref() !== undefined).length;
    await collectUntil(() => left() === 0);
    expect(left()).toBeLessThanOrEqual(1);
    expect(sources).toHaveLength(COUNT);
  });

  test("a response that is collected after its end runs nothing more", async () => {
    const events: Event[] = [];
    const read = async () => {
      const response = new ResponseThen("text", noteIn(events));
      await response.text();
      await response.finished;
      return new WeakRef(response);
    };
    const reference = await read();
    await collectUntil(() => reference.deref() === undefined);
    await pause(5);
    expect(reference.deref()).toBe(undefined);
    expect(events).toEqual([["callback", "completed", 4]]);
  });
});
