import { ended, type Inside, pause, readerOf, refused, source } from "./inside.ts";

type Reading = (response: Response) => Promise<unknown>;

/** How test clients and caches read a response, all of it. */
const readings: Record<string, Reading> = {
  text: (response) => response.text(),
  arrayBuffer: (response) => response.arrayBuffer(),
  blob: (response) => response.blob(),
  json: (response) => response.json(),
  "new Response": (response) => new Response(response.body, response).text(),
  "a reader": async (response) => {
    const reader = readerOf(response);
    while (!(await reader.read()).done);
  },
  pipeTo: (response) => (response.body as ReadableStream).pipeTo(new WritableStream()),
  tee: async (response) => {
    const branches = (response.body as ReadableStream).tee();
    return Promise.all(branches.map((branch) => new Response(branch).text()));
  },
};

export const werkzeug: readonly Inside[] = [
  {
    text: "on a cancel the source's own cancel comes first, and then each callback once, in their order",
    from: "Werkzeug call_on_close, PEP 3333",
    async run(Class) {
      const seen: unknown[] = [];
      const response = new Class(source(["a"], seen), [() => seen.push("one"), () => seen.push("two")]);
      response.onFinished(() => seen.push("three"));
      await response.body?.cancel("over");
      await ended(response);
      return seen;
    },
    expected: [["source canceled", "over"], "one", "two", "three"],
  },
  {
    text: "a test client that buffers the response ends it once, in whichever way it reads",
    from: "Werkzeug run_wsgi_app (buffered and unbuffered)",
    async run(Class) {
      const seen: unknown[] = [];
      for (const [name, read] of Object.entries(readings)) {
        for (const body of ['{"a":1}', source(['{"a"', ":1}"])]) {
          const response = new Class(body, ({ type, bytes }) => seen.push([name, type, bytes]));
          await read(response);
          await ended(response);
        }
      }
      return seen;
    },
    expected: Object.keys(readings).flatMap((name) => Array(2).fill([name, "completed", 7])),
  },
  {
    text: "what is piped through another stream passes a cancel on to the source, and to the callback",
    from: "Werkzeug ClosingIterator, PEP 3333 (middleware)",
    async run(Class) {
      const seen: unknown[] = [];
      const response = new Class(source(["a", "b"], seen), ({ type }) => seen.push(type));
      const piped = new Response(response.body?.pipeThrough(new TransformStream()), response);
      const reader = readerOf(piped);
      await reader.read();
      await reader.cancel("over");
      await ended(response);
      return seen;
    },
    expected: [["source canceled", "over"], "canceled"],
  },
  {
    text: "a source that fails is nowhere turned into a clean end",
    from: "Werkzeug test_serving (truncation)",
    async run(Class) {
      const seen: unknown[] = [];
      for (const [name, read] of Object.entries(readings)) {
        const response = new Class(source(["a"], [], { error: new Error("failed") }), ({ type }) => seen.push(type));
        seen.push([name, (await refused(read(response))) !== "nothing"]);
        await ended(response);
      }
      return seen;
    },
    expected: Object.keys(readings).flatMap((name) => [[name, true], "errored"]),
  },
  {
    text: "reading a `clone()` never ends the original; it is a plain `Response` with the same content",
    from: "own",
    async run(Class) {
      const seen: unknown[] = [];
      for (const body of ["text", source(["te", "xt"])]) {
        const response = new Class(body, ({ type }) => seen.push(type), { status: 201, headers: { "x-kept": "yes" } });
        const copy = response.clone();
        seen.push(copy instanceof Class, copy.status, copy.headers.get("x-kept"), await copy.text());
        await pause(30);
        seen.push("open");
        const text = await response.text();
        await ended(response);
        seen.push(text);
      }
      return seen;
    },
    expected: Array(2).fill([false, 201, "yes", "text", "open", "completed", "text"]).flat(),
  },
];
