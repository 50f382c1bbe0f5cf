import { ended, type Inside, pause, readerOf, refused, source, within } from "./inside.ts";

export const nextAfter: readonly Inside[] = [
  {
    text: "nothing runs before the final read, and then each callback once, also one registered meanwhile",
    from: "Next.js after(), h3 onDispose",
    async run(Class) {
      const seen: unknown[] = [];
      const response = new Class(source(["a", "b"]), () => seen.push("constructor"));
      response.onFinished(() => seen.push("handler"));
      const reader = readerOf(response);
      for (const piece of ["a", "b"]) {
        await reader.read();
        await pause(20);
        seen.push(piece);
      }
      response.onFinished(() => seen.push("meanwhile"));
      seen.push((await reader.read()).done);
      await ended(response);
      return seen;
    },
    expected: ["a", "b", true, "constructor", "handler", "meanwhile"],
  },
  {
    text: "a source's error reaches the reader and the callback as the very same value, whatever it is",
    from: "Next.js after()",
    async run(Class) {
      const seen: unknown[] = [];
      for (const error of [new TypeError("failed"), "a string", undefined, null, { code: 7 }]) {
        const told: unknown[] = [];
        const response = new Class(source(["a"], [], { error }), (outcome) => {
          told.push(outcome.type, outcome.type === "errored" && outcome.error === error);
        });
        const reader = readerOf(response);
        await reader.read();
        const caught = await reader.read().then(
          () => "nothing",
          (caught) => caught === error,
        );
        await ended(response);
        seen.push([caught, ...told]);
      }
      return seen;
    },
    expected: Array(5).fill([true, "errored", true]),
  },
  {
    text: "a cancel's reason reaches the source and the callback, and the reader then sees the end",
    from: "Next.js after()",
    async run(Class) {
      const seen: unknown[] = [];
      const response = new Class(source(["a", "b"], seen), (outcome) => {
        seen.push([outcome.type, outcome.type === "canceled" && outcome.reason.message, outcome.bytes]);
      });
      const reader = readerOf(response);
      await reader.read();
      await reader.cancel(new Error("enough"));
      seen.push((await reader.read()).done);
      await ended(response);
      return seen;
    },
    expected: [["source canceled", "Error: enough"], true, ["canceled", "enough", 1]],
  },
  {
    text: "`waitUntil` is called once, before the constructor returns, and not at the end",
    from: "Next.js after()",
    async run(Class) {
      const calls: unknown[] = [];
      const waitUntil = (promise: Promise<unknown>) => void calls.push(typeof promise.then);
      const response = new Class("text", [() => {}, () => {}], { waitUntil });
      const built = calls.length;
      await response.text();
      await ended(response);
      return [built, calls];
    },
    expected: [1, ["function"]],
  },
  {
    text: "`waitUntil`'s promise waits for the end and for what the callbacks return, and fulfils though they fail",
    from: "Next.js after()",
    async run(Class) {
      const seen: unknown[] = [];
      let waited: Promise<unknown> | undefined;
      const response = new Class(
        "text",
        [
          () => Promise.reject(new Error("rejected")),
          async () => {
            await pause(30);
            seen.push("callback");
          },
          () => {
            throw new Error("thrown");
          },
          () => seen.push("the last one"),
        ],
        {
          waitUntil: (promise) => {
            waited = promise.then(
              () => seen.push("fulfilled"),
              () => seen.push("rejected"),
            );
          },
          onError: (error) => seen.push((error as Error).message),
        },
      );
      await pause(20);
      seen.push("read");
      await response.text();
      await within("waitUntil's promise", waited as Promise<unknown>);
      return seen.toString().replace("thrown,the last one,rejected", "rejected,thrown,the last one");
    },
    expected: "read,rejected,thrown,the last one,callback,fulfilled",
  },
  {
    text: "a `waitUntil` that throws makes the constructor throw: a response that nobody waits for is not built",
    from: "Next.js after()",
    run(Class) {
      const waitUntil = () => {
        throw new Error("outside of a request");
      };
      return refused(Promise.resolve().then(() => new Class("text", () => {}, { waitUntil })));
    },
    expected: "Error: outside of a request",
  },
];
