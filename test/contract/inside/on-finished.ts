import { ended, type Inside, pause, readerOf, source } from "./inside.ts";

export const onFinished: readonly Inside[] = [
  {
    text: "the callback is given the very response that it was set on, however that ended",
    from: "jshttp/on-finished",
    async run(Class) {
      const seen: unknown[] = [];
      const build = (body: BodyInit | null, init?: ResponseInit) => {
        const response = new Class(body, (outcome) => seen.push([outcome.type, outcome.response === response]), init);
        return response;
      };
      const [read, left, failing] = [build("text"), build("text"), build(source([], [], { error: new Error("no") }))];
      const none = build(null, { status: 204 });
      await read.text();
      await left.body?.cancel();
      await failing.text().catch(() => {});
      for (const response of [read, left, failing, none]) await ended(response);
      return seen.sort();
    },
    expected: [
      ["canceled", true],
      ["completed", true],
      ["completed", true],
      ["errored", true],
    ],
  },
  {
    text: "a callback registered after the end still runs, once and asynchronously, with the outcome of then",
    from: "jshttp/on-finished",
    async run(Class) {
      const seen: unknown[] = [];
      const response = new Class("text", () => seen.push("first"));
      await response.text();
      const first = await ended(response);
      response.onFinished((outcome) => seen.push(["late", outcome === first]));
      seen.push("registered");
      await pause(50);
      return seen;
    },
    expected: ["first", "registered", ["late", true]],
  },
  {
    text: "`finished` is pending until the callbacks have settled, and fulfils after a failure and a cancel too",
    from: "jshttp/on-finished",
    async run(Class) {
      const seen: unknown[] = [];
      for (const type of ["completed", "canceled", "errored"]) {
        const body = source(["text"], [], type === "errored" ? { error: new Error("no") } : undefined);
        const response = new Class(body, async () => {
          await pause(10);
          seen.push(`${type}: callback`);
        });
        const finished = response.finished.then((outcome) => seen.push(`${type}: ${outcome.type}`));
        await pause(20);
        seen.push(`${type}: open`);
        const reader = readerOf(response);
        await reader.read();
        if (type === "canceled") await reader.cancel();
        else await reader.read().catch(() => {});
        await finished;
      }
      return seen;
    },
    expected: ["completed", "canceled", "errored"].flatMap((type) => [
      `${type}: open`,
      `${type}: callback`,
      `${type}: ${type}`,
    ]),
  },
];
