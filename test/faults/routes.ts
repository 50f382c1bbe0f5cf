// The routes of every server.
import { type Asked, hear, pause, type Route } from "./app.ts";
import { record, recorder } from "./records.ts";

export const PIECE = 1_000;

const bytes = (size: number) => new Uint8Array(size).fill(120);

/** Pieces, each from a promise; and what to do when the reader has left. */
export function pulled(
  next: (count: number) => Promise<Uint8Array<ArrayBuffer> | undefined>,
  cancel: (reason: unknown) => unknown = () => {},
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let count = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = await next(count++);
        if (piece) controller.enqueue(piece);
        else controller.close();
      },
      cancel: async (reason) => void (await cancel(reason)),
    },
    { highWaterMark: 0 },
  );
}

/** One piece at once, the second when the test says the word of the query. */
const waiting: Route = ({ query, make }) =>
  make(
    pulled(async (count) => {
      if (count === 1) await hear(query.get("word") ?? "");
      return count < 2 ? bytes(PIECE) : undefined;
    }),
  );

/** Its callback works for a second or so; counted in work, for workerd's clock stands still meanwhile. */
const works: Route = ({ id, make }) =>
  make("text", {}, (outcome) => {
    recorder(id, "own")(outcome);
    let value = 1;
    for (let i = 0; i < 300_000_000; i++) value = (value * 31 + i) | 0;
    record(id, value === 0 ? "unblocked by nobody" : "unblocked");
  });

/** As many bytes as the query says, as fast as they are read. */
const large: Route = ({ query, make }) => {
  let left = Number(query.get("bytes"));
  return make(
    pulled(async () => {
      left -= 65_536;
      return left >= 0 ? bytes(65_536) : undefined;
    }),
  );
};

/** What comes back is what came. */
const echo: Route = ({ request, make }) => make(request.body);

/** All that came, when it has come. */
const repeat: Route = async ({ request, make }) => make(await request.text());

let met = 0;

/** Answers when so many ask at the same time, each on a connection of its own then. */
const meet: Route = async ({ query, make }) => {
  met++;
  while (met < Number(query.get("count"))) await pause(10);
  return make("text");
};

/** Silence between two pieces, in ms. */
const idle: Route = ({ query, make }) =>
  make(
    pulled(async (count) => {
      if (count === 1) await pause(Number(query.get("ms")));
      return count < 2 ? bytes(PIECE) : undefined;
    }),
  );

const shared = new Promise<void>(() => {});

/**
 * A callback that waits for what never comes, and holds 20 kB meanwhile: alone, or with all others for the same, as for a
 * connection that hangs.
 */
const stuck: Route = ({ id, query, make }: Asked) => {
  const held = new Array(2_500).fill(0.5);
  const dependency = query.has("shared") ? shared : new Promise<void>(() => {});
  const onError = (error: unknown) => record(id, `onError ${(error as Error).name}`);
  return make("text", { timeout: Number(query.get("timeout")), onError }, (_outcome, { signal }) => {
    signal.addEventListener("abort", () => record(id, `aborted ${held.length}`));
    return dependency;
  });
};

export const routes: Readonly<Record<string, Route>> = {
  text: ({ make }) => make("text"),
  waiting,
  works,
  large,
  echo,
  meet,
  repeat,
  idle,
  stuck,
};
