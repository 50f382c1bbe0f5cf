// Routes that differ in what their callbacks do.
import { eventsOf, gate, note, pause, record } from "./records.ts";
import type { Asked, Route } from "./route.ts";
import { source } from "./source.ts";

// Counted in work, not in time: workerd's clock stands still while JavaScript runs.
function block(): number {
  let value = 1;
  for (let i = 0; i < 100_000_000; i++) value = (value * 31 + i) | 0;
  return value;
}

const onError = (id: string) => (error: unknown) => note(id, "onError", { message: (error as Error).message });
const fail = () => {
  throw new Error("callback failed");
};

function blocking({ Class, own }: Asked, length: number): Response {
  return new Class("x".repeat(length), (outcome, context) => {
    block();
    own(outcome, context);
  });
}

/** Notes that it begins, waits, and notes that it is over. */
const slow = (id: string, wait: () => Promise<void>) => async () => {
  note(id, "begins");
  await wait();
  note(id, "ends");
};

export const callbacks: Record<string, Route> = {
  throws: ({ Class, id, own }) => new Class("Hello, world", [fail, own], { onError: onError(id) }),
  "throws-after-204": ({ Class, id, own }) => new Class(null, [fail, own], { status: 204, onError: onError(id) }),
  several: ({ Class, id, own }) =>
    new Class(
      source(id, { chunks: 5, every: 5 }),
      [
        () => note(id, "first"),
        fail,
        { completed: () => note(id, "third"), finally: () => note(id, "third, finally") },
        () => Promise.reject(new Error("callback rejected")),
      ],
      { onError: onError(id) },
    )
      .onFinished(() => note(id, "fifth"))
      .onFinished(own),
  blocks: (asked) => blocking(asked, 100_000),
  "blocks-small": (asked) => blocking(asked, 10),
  /** For ever, were it not for its timeout. */
  "never-settles": ({ Class, id, own }) =>
    new Class("Hello, world", [own, () => new Promise(() => {})], { timeout: 200, onError: onError(id) }),
  waits: ({ Class, id, own }) => new Class("Hello, world", [slow(id, () => gate(id)), own]),
  "takes-time": ({ Class, id, own }) => new Class("Hello, world", [own, slow(id, () => pause(400))]),
  "takes-time-endless": ({ Class, id, own }) => new Class(source(id, { every: 5 }), [own, slow(id, () => pause(400))]),
  /** Its `duration` is told beside the outcome, for it is never the same. */
  gated: ({ Class, id, own }) =>
    new Class(source(id, { chunks: 2, gate: () => gate(id) }), [
      ({ duration, chunks }) => note(id, "measured", { duration, chunks }),
      own,
    ]),
  "gated-fails": ({ Class, id, own }) => new Class(source(id, { failAt: 1, gate: () => gate(id) }), own),
  drains: ({ Class, id, own }) =>
    new Class(source(id, { chunks: 100, every: 10, gate: () => gate(id) }), own, { onCancel: "consume" }),
  written: ({ Class, id, own }) =>
    Class.stream(async (writer) => {
      for (const word of ["one ", "two ", "three"]) {
        await writer.write(word);
        await pause(5);
      }
      note(id, "written");
    }, own),
  "written-fails": ({ Class, own }) =>
    Class.stream(async (writer) => {
      await writer.write("one ");
      await pause(50);
      throw new Error("writer failed");
    }, own),
  "written-endless": ({ Class, id, own }) =>
    Class.stream(async (writer, signal) => {
      try {
        for (;;) await writer.write("x".repeat(1_000));
      } finally {
        note(id, "writer ends", { aborted: signal.aborted });
      }
    }, own),
  /** A lock that is held until the response has ended, whatever becomes of it. */
  lock: ({ Class, id, url }) => {
    note(id, "locked");
    const kind = url.searchParams.get("kind") ?? "";
    const options = kind === "fails" ? { failAt: 2 } : kind === "endless" ? {} : { chunks: 2, gate: () => gate(id) };
    const response = new Class(source(id, { every: 5, ...options }), { finally: () => note(id, "unlocked") });
    if (kind === "throws") throw new Error("handler failed");
    return response;
  },
  /** Waits for a time of its own, so that many at once come back in an order of their own. */
  mixed: async ({ Class, id, url }) => {
    const n = Number(url.searchParams.get("n"));
    await pause((n * 7) % 30);
    if (url.searchParams.get("drops") === "1") void new Class("never sent", record(id, "dropped"));
    const body = n % 2 === 0 ? `this is ${n}` : source(id, { chunk: n, chunks: 5, every: 2 });
    return new Class(body, record(id), { headers: { "x-n": `${n}` } });
  },
  /** Builds two more in a timer, and reads them when its own has ended. */
  "builds-late": ({ Class, id, own }) => {
    const response = new Class(source(id, { chunks: 40, every: 5 }), own);
    setTimeout(async () => {
      const meanwhile = new Class("late", record(id, "meanwhile"));
      await response.finished;
      const afterwards = new Class("late", record(id, "afterwards"));
      await pause(100);
      note(id, "reads");
      await Promise.all([meanwhile.text(), afterwards.text()]);
    }, 20);
    return response;
  },
  /** The name of each event so far: what a callback sees of those before it. */
  sees: ({ Class, id }) => {
    const answer = new Class("Hello, world", () => note(id, "seen", { before: eventsOf(id).map(({ at }) => at) }));
    note(id, "answered");
    return answer;
  },
};
