import { ended, type Inside, pause, readerOf, refused, source } from "./inside.ts";

type Chunk = Uint8Array<ArrayBuffer>;

/** A pull-based source of `count` chunks of one byte, which counts how often it was asked. */
function counted(count: number): { stream: ReadableStream<Chunk>; pulls(): number } {
  let pulls = 0;
  const stream = new ReadableStream<Chunk>(
    {
      pull(controller) {
        if (pulls++ < count) controller.enqueue(new Uint8Array(1));
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, pulls: () => pulls };
}

const callback = () => {};

export const ownBodies: readonly Inside[] = [
  {
    text: "a cancel without a reason: that of the outcome is an `AbortError`",
    from: "own",
    async run(Class) {
      const seen: unknown[] = [];
      for (const reason of [undefined, "a string", 7]) {
        const response = new Class(source(["a"]), callback);
        await response.body?.cancel(reason);
        const outcome = await ended(response);
        if (outcome.type !== "canceled") return outcome.type;
        seen.push(outcome.reason instanceof Error, outcome.reason.name, outcome.reason.cause ?? "none", outcome.phase);
      }
      return seen;
    },
    expected: ["none", "a string", 7].flatMap((cause) => [true, "AbortError", cause, "before-body"]),
  },
  {
    text: "`bodyUsed` is true when somebody else has read or canceled the source",
    from: "own",
    async run(Class) {
      // The stream of the response is another one, and did not know what had happened to its source.
      const uses: ((stream: ReadableStream<Chunk>) => unknown)[] = [
        () => {},
        async (stream) => {
          const reader = stream.getReader();
          await reader.read();
          reader.releaseLock();
        },
        (stream) => stream.getReader().read(),
        (stream) => stream.cancel(),
      ];
      const seen: unknown[] = [];
      for (const use of uses) {
        const stream = source(["a", "b"]);
        const response = new Class(stream, callback);
        await use(stream);
        seen.push(response.bodyUsed);
      }
      return seen;
    },
    expected: [false, true, true, true],
  },
  {
    text: "a readable byte stream stays one, and fills the buffers of a BYOB reader",
    from: "own",
    async run(Class) {
      const seen: unknown[] = [];
      const stream = new ReadableStream({
        type: "bytes",
        pull(controller) {
          if (seen.length === 3) {
            controller.close();
            controller.byobRequest?.respond(0);
          } else controller.enqueue(new Uint8Array(10).fill(seen.length));
        },
      });
      const response = new Class(stream, callback);
      const reader = (response.body as ReadableStream).getReader({ mode: "byob" });
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(16));
        if (done) break;
        seen.push([value?.byteLength, value?.[0]]);
      }
      const { type, bytes } = await ended(response);
      return [...seen, type, bytes];
    },
    expected: [[10, 0], [10, 1], [10, 2], "completed", 30],
  },
  {
    text: "ten thousand tiny chunks arrive one by one, and are counted",
    from: "own",
    async run(Class) {
      const { stream } = counted(10_000);
      const response = new Class(stream, callback);
      const reader = readerOf(response);
      let reads = 0;
      while (!(await reader.read()).done) reads++;
      const { chunks, bytes } = await ended(response);
      return [reads, chunks, bytes];
    },
    expected: [10_000, 10_000, 10_000],
  },
  {
    text: "nothing is read ahead of the reader",
    from: "own",
    async run(Class) {
      const { stream, pulls } = counted(Number.POSITIVE_INFINITY);
      const response = new Class(stream, callback);
      const seen = [pulls()];
      const reader = readerOf(response);
      for (let i = 0; i < 3; i++) {
        await reader.read();
        await pause(10);
        seen.push(pulls());
      }
      await reader.cancel();
      await ended(response);
      return seen;
    },
    expected: [0, 1, 2, 3],
  },
  {
    text: "the source is not locked before somebody reads",
    from: "Hono (`c.res =`)",
    async run(Class) {
      const stream = source(["a"]);
      const response = new Class(stream, callback);
      const again = new Response(response.body, response);
      const before = stream.locked;
      const text = await again.text();
      return [before, text, (await ended(response)).type];
    },
    expected: [false, "a", "completed"],
  },
  {
    text: "a source that is locked, or was read, is refused as by `Response`",
    from: "own",
    async run(Class) {
      const locked = source(["a"]);
      locked.getReader();
      const used = new Response("text");
      await used.text();
      const attempts = [() => new Class(locked, callback), () => Class.from(used, callback)];
      return Promise.all(
        attempts.map(async (attempt) => (await refused(Promise.resolve().then(attempt))).split(":")[0]),
      );
    },
    expected: ["TypeError", "TypeError"],
  },
  {
    text: "a source that has already failed ends as errored, and one that is already at its end as completed",
    from: "own",
    async run(Class) {
      const failed = new ReadableStream({ start: (controller) => controller.error(new Error("before")) });
      const closed = new ReadableStream({ start: (controller) => controller.close() });
      const seen: unknown[] = [];
      for (const body of [failed, closed]) {
        const response = new Class(body, callback);
        seen.push((await refused(response.text())) === "nothing" ? "read" : "refused");
        const outcome = await ended(response);
        seen.push(outcome.type, outcome.bytes);
      }
      return seen;
    },
    expected: ["refused", "errored", 0, "read", "completed", 0],
  },
  {
    text: "an error of the source that is seen in the turn of the cancel wins; what comes after the end changes nothing",
    from: "own",
    async run(Class) {
      let controller: ReadableStreamDefaultController | undefined;
      const seen: string[] = [];
      const response = new Class(
        new ReadableStream({
          start(given) {
            controller = given;
          },
        }),
        ({ type }) => seen.push(type),
      );
      const reader = readerOf(response);
      const read = refused(reader.read());
      controller?.error(new Error("failed"));
      await read;
      await refused(reader.cancel("too late"));
      await ended(response);
      return seen;
    },
    expected: ["errored"],
  },
];
