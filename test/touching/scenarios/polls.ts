// Issue 14 (a): a long poll is answered from inside the request that publishes, whatever becomes of that.
import { pause, plain, type Run } from "../run.ts";
import { exchanges, type Route, type Scenario } from "../scenario.ts";

const bodies: Readonly<Record<string, (run: Run) => BodyInit | null>> = {
  stream: (run) => run.gated("the ", "news"),
  text: () => "the news",
  null: () => null,
};

/** One poll for each kind of body, whose answer the publisher builds. What is done `then` must not matter. */
function polls(then: () => Promise<void> = async () => {}): Record<string, Route> {
  const pollFor =
    (kind: string): Route =>
    async ({ run, make }) => {
      const answered = new Promise<Response>((resolve) => {
        run.waiting.push(() => resolve(make(kind, bodies[kind]?.(run) ?? null)));
      });
      run.marks.push("waiting");
      const response = await run.wait(answered);
      await then();
      return response;
    };
  return Object.fromEntries(Object.keys(bodies).map((kind) => [kind, pollFor(kind)]));
}

/** As `polls`, but they are only woken, and build their answers themselves. */
const wokenPolls: Record<string, Route> = Object.fromEntries(
  Object.entries(bodies).map(([kind, body]): [string, Route] => [
    kind,
    async ({ run, make }) => {
      const woken = new Promise<void>((resolve) => run.waiting.push(resolve));
      run.marks.push("waiting");
      await run.wait(woken);
      return make(kind, body(run));
    },
  ]),
);

const publisher = { status: 204, headers: { "set-cookie": "session=publisher", "x-mark": "publisher" } };
const publishes: Route = ({ run, make }) => {
  run.wakeAll();
  return make("publisher", null, publisher);
};

const pollsTold = {
  stream: "completed 200 8 /stream",
  text: "completed 200 8 /text",
  null: "completed 200 0 /null",
};
const pollsAll = { "/stream": "completed 200 8", "/text": "completed 200 8", "/null": "completed 200 0" };
const pollsReceived = ["200 the news", "200 the news", "200 "];

/** The clients: the stream's first piece comes while the publisher's request is over, and only then its second one. */
function scenario(given: Omit<Scenario, "visit"> & { method?: string; pollMethod?: string; leaves?: true }): Scenario {
  const { method = "GET", pollMethod = "GET", leaves } = given;
  return {
    ...(given.routes.text !== wokenPolls.text && { crosses: true }),
    ...given,
    async visit(client) {
      const asked = Object.keys(bodies).map((kind) => client.open(kind, { method: pollMethod }));
      await client.marked("waiting", 3);
      const publish = client.open("publish", { method });
      if (leaves) {
        await client.marked("published");
        publish.leave();
      }
      await publish.first;
      await client.say("published");
      await publish.received;
      await asked[0]?.first;
      if (pollMethod === "GET") await client.untold("stream");
      await client.say("go");
      return Promise.all([...asked, publish].map(({ received }) => received));
    },
  };
}

export const longPolls: readonly Scenario[] = [
  scenario({
    name: "a long poll, whose publisher answers 204 with a cookie",
    routes: { ...polls(), publish: publishes },
    received: [...pollsReceived, "204 "],
    told: { ...pollsTold, publisher: "completed 204:publisher 0 /publish" },
    all: { ...pollsAll, "/publish": "completed 204:publisher 0" },
  }),
  scenario({
    name: "a long poll, whose publisher answers with a plain response",
    routes: {
      ...polls(),
      publish({ run }) {
        run.wakeAll();
        return plain("published", { headers: publisher.headers });
      },
    },
    received: [...pollsReceived, "200 published"],
    told: pollsTold,
    all: { ...pollsAll, "/publish": "completed 200:publisher" },
  }),
  scenario({
    name: "a long poll, whose publisher publishes after an await and streams",
    routes: {
      ...polls(),
      async publish({ run, make }) {
        await pause(1);
        run.wakeAll();
        await pause(1);
        return make("publisher", run.gated("published", ".", "published"));
      },
    },
    received: [...pollsReceived, "200 published."],
    told: { ...pollsTold, publisher: "completed 200 10 /publish" },
    all: { ...pollsAll, "/publish": "completed 200 10" },
  }),
  scenario({
    name: "a long poll that is woken and builds its answer itself",
    routes: { ...wokenPolls, publish: publishes },
    received: [...pollsReceived, "204 "],
    told: { ...pollsTold, publisher: "completed 204:publisher 0 /publish" },
    all: { ...pollsAll, "/publish": "completed 204:publisher 0" },
  }),
  scenario({
    name: "a long poll that is woken and builds its answer itself, whose publisher throws",
    routes: {
      ...wokenPolls,
      publish({ run }) {
        run.wakeAll();
        throw new Error("the publisher failed");
      },
    },
    received: [...pollsReceived, "500 *"],
    told: pollsTold,
    // In Hono it is the answer of onError that is sent, and that is completed.
    all: { ...pollsAll, "/publish": "errored|completed 500" },
  }),
  scenario({
    name: "a long poll that goes on for some microtasks after the publisher's answer",
    routes: {
      ...polls(async () => {
        for (let i = 0; i < 10; i++) await null;
      }),
      publish: publishes,
    },
    received: [...pollsReceived, "204 "],
    told: { ...pollsTold, publisher: "completed 204:publisher 0 /publish" },
    all: { ...pollsAll, "/publish": "completed 204:publisher 0" },
  }),
  scenario({
    name: "a long poll that goes on for half a second after the publisher's answer",
    // The class alone ends a response without a body a macrotask after it was built.
    routes: { ...polls(() => pause(500)), publish: publishes },
    received: [...pollsReceived, "204 "],
    told: { ...pollsTold, publisher: "completed 204:publisher 0 /publish" },
    all: { ...pollsAll, "/publish": "completed 204:publisher 0" },
  }),
  scenario({
    name: "a long poll, whose publisher throws",
    routes: {
      ...polls(),
      publish({ run }) {
        run.wakeAll();
        throw new Error("the publisher failed");
      },
    },
    received: [...pollsReceived, "500 *"],
    told: pollsTold,
    // In Hono it is the answer of onError that is sent, and that is completed.
    all: { ...pollsAll, "/publish": "errored|completed 500" },
  }),
  scenario({
    name: "a long poll, whose publisher is a HEAD",
    ways: exchanges,
    routes: {
      ...polls(),
      publish({ run, make }) {
        run.wakeAll();
        return make("publisher", "published");
      },
    },
    method: "HEAD",
    received: [...pollsReceived, "200 "],
    told: { ...pollsTold, publisher: "completed 200 * /publish" },
    all: { ...pollsAll, "/publish": "completed 200" },
  }),
  scenario({
    name: "a long poll that is a HEAD, whose publisher is a GET",
    ways: exchanges,
    routes: {
      ...polls(),
      publish({ run, make }) {
        run.wakeAll();
        return make("publisher", "published");
      },
    },
    pollMethod: "HEAD",
    received: ["200 ", "200 ", "200 ", "200 published"],
    told: {
      stream: "completed 200 * /stream",
      text: "completed 200 * /text",
      null: "completed 200 * /null",
      publisher: "completed 200 9 /publish",
    },
    all: {
      "/stream": "completed 200",
      "/text": "completed 200",
      "/null": "completed 200",
      "/publish": "completed 200 9",
    },
  }),
  scenario({
    name: "a long poll, whose publisher's client leaves",
    routes: {
      ...polls(),
      async publish({ run, make }) {
        run.wakeAll();
        run.marks.push("published");
        await run.hear("go");
        return make("publisher", run.gated("published", "."));
      },
    },
    leaves: true,
    received: [...pollsReceived, "0 "],
    // A stream so short may have been read before the server sees that nobody is there.
    told: { ...pollsTold, publisher: "canceled|completed 200 * /publish" },
    all: { ...pollsAll, "/publish": "canceled|completed 200" },
  }),
];
