import { type ResponseThen, responseFinished } from "../../../src/index.ts";
import { ended, type Inside, pause, source } from "./inside.ts";

/** Listens to the signal while `run` goes on, and notes what it hears of the responses that `run` tells it of. */
async function hearing(run: (of: (response: ResponseThen) => void, seen: unknown[]) => Promise<void>) {
  const seen: unknown[] = [];
  const ours = new Set<Response>();
  const unsubscribe = responseFinished.subscribe(({ type, response }) => {
    if (ours.has(response)) seen.push(`signal: ${type}`);
  });
  try {
    await run((response) => ours.add(response), seen);
    await pause(50);
    return seen;
  } finally {
    unsubscribe();
  }
}

export const django: readonly Inside[] = [
  {
    text: "`responseFinished` hears of each ending exactly once, after the response's own callbacks",
    from: "Django request_finished",
    serial: true,
    run: (Class) =>
      hearing(async (of, seen) => {
        const build = (body: BodyInit | null, init?: ResponseInit) => {
          const response = new Class(body, ({ type }) => seen.push(type), init);
          of(response);
          return response;
        };
        const read = build("text");
        await read.text();
        await ended(read);
        const left = build(source(["a"]));
        await left.body?.cancel();
        await ended(left);
        const failing = build(source(["a"], [], { error: new Error("failed") }));
        await failing.text().catch(() => {});
        await ended(failing);
        await ended(build(null, { status: 204 }));
      }),
    expected: ["completed", "canceled", "errored", "completed"].flatMap((type) => [type, `signal: ${type}`]),
  },
  {
    text: "callbacks that fail are reported one by one, each of the others runs, and the signal comes last",
    from: "Django HttpResponse.close()",
    serial: true,
    run: (Class) =>
      hearing(async (of, seen) => {
        const response = new Class(
          "text",
          [
            () => {
              throw new Error("one");
            },
            () => seen.push("two"),
            () => Promise.reject(new Error("three")),
            () => seen.push("four"),
          ],
          { onError: (error) => seen.push(`reported: ${(error as Error).message}`) },
        );
        of(response);
        await response.text();
        await ended(response);
      }),
    expected: ["reported: one", "two", "four", "reported: three", "signal: completed"],
  },
  {
    text: "two responses that share a body: the callbacks of both run, once, on a cancel too",
    from: "Django FileCloseTests (several contents)",
    async run(Class) {
      const seen: unknown[] = [];
      for (const end of ["read", "left"]) {
        const inner = new Class(source(["a"], seen), ({ type }) => seen.push(`inner ${type}`));
        const outer = Class.from(inner, ({ type }) => seen.push(`outer ${type}`));
        if (end === "read") await outer.text();
        else await outer.body?.cancel("over");
        await Promise.all([ended(inner), ended(outer)]);
      }
      return seen.map(String).sort();
    },
    expected: ["inner canceled", "inner completed", "outer canceled", "outer completed", "source canceled,over"],
  },
];
