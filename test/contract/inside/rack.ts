import { ended, type Inside, pause, readerOf, refused, source } from "./inside.ts";

export const rack: readonly Inside[] = [
  {
    text: "the reader gets the source's pieces, each by itself and in their order",
    from: "Rack BodyProxy",
    async run(Class) {
      const pieces = ["one", "two", "three"];
      const response = new Class(source(pieces), () => {});
      const reader = readerOf(response);
      const seen: string[] = [];
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        seen.push(new TextDecoder().decode(next.value));
      }
      const { chunks, bytes } = await ended(response);
      return [...seen, chunks, bytes];
    },
    expected: ["one", "two", "three", 3, 11],
  },
  {
    text: "canceling the body cancels its source once, and gives back the lock on it",
    from: "Rack BodyProxy, Rack::Lock",
    async run(Class) {
      const seen: unknown[] = [];
      const stream = source(["a", "b"], seen);
      const response = new Class(stream, ({ type }) => seen.push(type));
      const reader = readerOf(response);
      await reader.read();
      const held = stream.locked;
      await reader.cancel("over");
      await ended(response);
      return [...seen, held, stream.locked];
    },
    expected: [["source canceled", "over"], "canceled", true, false],
  },
  {
    text: "a source without `cancel()` is canceled all the same",
    from: "Rack BodyProxy (a body without close)",
    async run(Class) {
      const response = new Class(new ReadableStream(), () => {});
      await response.body?.cancel();
      return (await ended(response)).type;
    },
    expected: "canceled",
  },
  {
    text: "a source that fails while it is being canceled ends as canceled, once, and who canceled gets the error",
    from: "Rack BodyProxy (a close that raises)",
    async run(Class) {
      const seen: unknown[] = [];
      const failures = [
        () => {
          throw new Error("close failed");
        },
        () => Promise.reject(new Error("close failed")),
      ];
      for (const cancel of failures) {
        const response = new Class(new ReadableStream({ cancel }), ({ type }) => seen.push(type));
        seen.push(await refused(response.body?.cancel("over")));
        await ended(response);
      }
      return seen;
    },
    expected: Array(2).fill(["Error: close failed", "canceled"]).flat(),
  },
  {
    text: "canceling twice, or after the end, ends once",
    from: "Rack BodyProxy (a second close)",
    async run(Class) {
      const seen: unknown[] = [];
      const build = () => new Class(source(["a"], seen), ({ type }) => seen.push(type));
      const [twice, after] = [build(), build()];
      await Promise.all([twice.body?.cancel(), twice.body?.cancel()]);
      await ended(twice);
      await after.text();
      await refused(after.body?.cancel());
      await ended(after);
      return seen;
    },
    expected: [["source canceled", "undefined"], "canceled", "completed"],
  },
  {
    text: "a body of which all pieces were read has not ended before its end was asked for",
    from: "Rack events (finish only on close), Django FileCloseTests",
    async run(Class) {
      const seen: unknown[] = [];
      for (const body of ["text", source(["text"])]) {
        const response = new Class(body, ({ type }) => seen.push(type));
        const reader = readerOf(response);
        const { value } = await reader.read();
        await pause(50);
        seen.push(new TextDecoder().decode(value));
        await reader.cancel();
        await ended(response);
      }
      return seen;
    },
    expected: ["text", "canceled", "text", "canceled"],
  },
  {
    text: "an empty list of callbacks is fine",
    from: "Rack TempfileReaper (no list)",
    async run(Class) {
      const response = new Class("text", []);
      return [await response.text(), (await ended(response)).type];
    },
    expected: ["text", "completed"],
  },
];
