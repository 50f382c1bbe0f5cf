import { describe, expect, test } from "vitest";
import { withResponseThen } from "../../../adapters/bun.ts";
import { type Captured, drain, type Outcome, ResponseThen, type ResponseThenInit } from "../../../src/index.ts";

const textOf = (captured: Captured | undefined) =>
  captured && [new TextDecoder().decode(captured.bytes), captured.whole];

/** A source of these pieces that stays open. */
function open(...pieces: unknown[]): ReadableStream {
  return new ReadableStream({
    pull(controller) {
      if (pieces.length > 0) controller.enqueue(pieces.shift());
    },
  });
}

/** A source of these pieces, and then its end. */
function closed(...pieces: unknown[]): ReadableStream {
  return new ReadableStream({
    pull(controller) {
      if (pieces.length > 0) controller.enqueue(pieces.shift());
      else controller.close();
    },
  });
}

async function outcomeOf(body: BodyInit | null, init: ResponseThenInit): Promise<Outcome> {
  const response = new ResponseThen(body, () => {}, init);
  await response.arrayBuffer();
  return response.finished;
}

describe("capture", () => {
  test("nothing is kept without it", async () => {
    expect(await outcomeOf("Hello", {})).not.toHaveProperty("captured");
  });

  test.for([
    [5, "Hello", true],
    [1_000, "Hello", true],
    [Number.POSITIVE_INFINITY, "Hello", true],
    [4, "Hell", false],
    [2.9, "He", false],
    [0, "", false],
  ] as const)("of %d bytes keeps the first of them, and says whether these are all", async ([capture, text, whole]) => {
    for (const body of ["Hello", new Blob(["Hello"]), closed(Buffer.from("Hel"), Buffer.from("lo"))]) {
      expect(textOf((await outcomeOf(body as BodyInit, { capture })).captured)).toEqual([text, whole]);
    }
  });

  test.for([null, ""])("of a body of %o is empty, and whole", async (body) => {
    const response = new ResponseThen(body, () => {}, { capture: 10 });
    await response.text();
    expect(textOf((await response.finished).captured)).toEqual(["", true]);
  });

  test("has the text that an aborted answer got to, and nothing that nobody has read", async () => {
    const response = new ResponseThen(open(Buffer.from("Once "), Buffer.from("upon "), Buffer.from("a ")), () => {}, {
      capture: 100,
    });
    const reader = (response.body as ReadableStream).getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    const outcome = await response.finished;
    expect([outcome.type, outcome.bytes, textOf(outcome.captured)]).toEqual(["canceled", 10, ["Once upon ", true]]);
  });

  test("does not keep what is consumed after the cancel", async () => {
    const source = closed(Buffer.from("a"), Buffer.from("b"));
    const response = new ResponseThen(source, () => {}, { capture: 100, onCancel: "consume" });
    const reader = (response.body as ReadableStream).getReader();
    await reader.read();
    await reader.cancel();
    const outcome = await response.finished;
    expect([textOf(outcome.captured), outcome.type === "canceled" && outcome.consumed]).toEqual([
      ["a", true],
      { bytes: 1, whole: true },
    ]);
  });

  // A byte stream detaches what it is given, and its reader owns what it gets.
  test("keeps a copy: what the reader does to the bytes does not change it", async () => {
    const bytes = new ReadableStream({
      type: "bytes",
      start(controller) {
        controller.enqueue(new Uint8Array([1, 2, 3]));
        controller.close();
      },
    });
    for (const body of [bytes, new Uint8Array([1, 2, 3])]) {
      const response = new ResponseThen(body, () => {}, { capture: 100 });
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      (await reader.read()).value?.fill(9);
      await reader.read();
      expect([...((await response.finished).captured?.bytes ?? [])]).toEqual([1, 2, 3]);
    }
  });

  test("keeps text, buffers and views as their bytes, and of what cannot be sent nothing", async () => {
    const pieces = [
      "ä",
      new Uint8Array([65, 66, 67]).buffer,
      new DataView(new Uint8Array([68, 69, 70]).buffer, 1, 1),
      {},
    ];
    const response = new ResponseThen(open(...pieces), () => {}, { capture: 100 });
    const reader = (response.body as ReadableStream).getReader();
    for (const _ of pieces) await reader.read();
    await reader.cancel();
    expect(textOf((await response.finished).captured)).toEqual(["äABCE", true]);
  });

  test("in a wrapped handler keeps a fixed body too, and nothing of a plain response", async () => {
    const outcomes: Outcome[] = [];
    const handler = withResponseThen(
      (request) =>
        request.url.endsWith("/plain") ? new Response("plain") : new ResponseThen("Hello", () => {}, { capture: 3 }),
      (outcome) => void outcomes.push(outcome),
    );
    for (const path of ["/ours", "/plain"]) {
      await (await handler(new Request(`http://localhost${path}`))).text();
      await drain();
    }
    expect(outcomes.map(({ captured }) => textOf(captured))).toEqual([["Hel", false], undefined]);
  });

  test("of a clone that is sent it has the bytes of the clone", async () => {
    const response = new ResponseThen("Hello", () => {}, { capture: 100 });
    const sent = await withResponseThen((_: Request) => response.clone())(new Request("http://localhost/"));
    await sent.text();
    expect(textOf((await response.finished).captured)).toEqual(["Hello", true]);
  });

  // Another view of it throws, and the response ended as errored.
  test("keeps nothing of a view whose buffer was taken away", async () => {
    const piece = new Uint8Array([1, 2]);
    const response = new ResponseThen(open(piece), () => {}, { capture: 100 });
    structuredClone(piece.buffer, { transfer: [piece.buffer] });
    const reader = (response.body as ReadableStream).getReader();
    await reader.read();
    await reader.cancel();
    expect([...((await response.finished).captured?.bytes ?? [9])]).toEqual([]);
  });
});
