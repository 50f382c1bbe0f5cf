// Responses that go into another one.
import { type Make, pause, plain, type Run, streamOf } from "../run.ts";
import { exchanges, type Scenario } from "../scenario.ts";

/** Pipes bodies one after the other, as composed pages do. */
function piped(parts: readonly Response[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const pipe = async () => {
    for (const { body } of parts) await body?.pipeTo(writable, { preventClose: true });
    await writable.close();
  };
  // The client leaves.
  pipe().catch(() => {});
  return readable;
}

/** Three fragments: a text, a stream that waits for the test, a text. */
const fragments = (run: Run, make: Make): Response[] => [
  make("head", "<head>"),
  make("main", run.gated("<main>", "</main>")),
  make("foot", "<foot>"),
];
const PAGE = "<head><main></main><foot>";

export const parts: readonly Scenario[] = [
  {
    // Issue 14 (b): 6 s, for after 5 s something was done to what nobody had read yet.
    name: "two responses in one stream, the first of which takes 6 s",
    routes: {
      page({ run, make }) {
        const slow = streamOf(
          (async function* () {
            yield "one ";
            await pause(6_000);
            await run.hear("go");
            yield "and a half ";
          })(),
        );
        const parts = [make("first", slow), make("second", "two")];
        const bodies = async function* () {
          for (const part of parts) yield* part.body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>;
        };
        return plain(streamOf(bodies()));
      },
    },
    async visit(client) {
      const page = client.open("page");
      await page.first;
      await client.untold("first");
      await pause(6_500);
      await client.untold("second");
      await client.say("go");
      return [await page.received];
    },
    received: ["200 one and a half two"],
    // Both were read to their ends, by what was sent.
    told: { first: "completed 200 15", second: "completed 200 3" },
    anytime: ["second"],
    all: { "/page": "completed 200 18" },
    parts: true,
  },
  {
    name: "fragments are piped into one stream",
    routes: { page: ({ run, make }) => make("page", piped(fragments(run, make))) },
    async visit(client) {
      const page = client.open("page");
      await page.first;
      await client.untold("page");
      await client.untold("main");
      await client.say("go");
      return [await page.received];
    },
    received: [`200 ${PAGE}`],
    told: {
      page: "completed 200 25 /page",
      // Piped when the request was answered: it ends as what it went into.
      head: "completed 200",
      main: "completed 200 13",
      foot: "completed 200 6",
    },
    // A text that is read after its request was answered may be told with the request that it went into, or later.
    anytime: ["head", "foot"],
    all: { "/page": "completed 200 25" },
    parts: true,
  },
  {
    name: "fragments are piped into one stream, and the client leaves in the second one",
    // Alone, nothing tells what becomes of the one that is not used, but its collection.
    ways: exchanges,
    routes: {
      page({ run, make }) {
        // Kept, for a collection may tell of it sooner.
        run.kept.set("unused", make("unused", "never sent"));
        return make("page", piped(fragments(run, make)));
      },
    },
    async visit(client) {
      const page = client.open("page");
      await page.first;
      await client.untold("page");
      page.leave();
      await client.hasTold("page");
      await client.say("go");
      return [];
    },
    received: [],
    told: {
      page: "canceled 200 * /page",
      head: "completed|canceled 200",
      main: "canceled 200",
      foot: "completed|canceled 200",
      unused: "canceled *",
    },
    // On Workers pipeTo() goes on to the last fragment, and cancels it: nothing tells that from reading it.
    anytime: ["head", "main", "foot"],
    late: ["unused"],
    all: { "/page": "canceled 200" },
    parts: true,
  },
  {
    name: "fragments are read before the answer, which is made of them",
    routes: {
      async page({ run, make }) {
        const texts = fragments(run, make).map((part) => part.text());
        return make("page", (await Promise.all(texts)).join(""), { status: 201 });
      },
    },
    async visit(client) {
      const page = client.open("page");
      await client.say("go");
      return [await page.received];
    },
    received: [`201 ${PAGE}`],
    // They went into the page: they end as it does, whatever their own status is.
    told: {
      page: "completed 201 25 /page",
      head: "completed *",
      main: "completed *",
      foot: "completed *",
    },
    all: { "/page": "completed 201 25" },
    parts: true,
  },
  {
    name: "a handler asks the wrapped handler itself, and sends what it read on",
    routes: {
      part: ({ make }) => make("part", "a part", { status: 202 }),
      slow: ({ run, make }) => make("slow", run.gated(" of ", "it")),
      async page({ make, ask }) {
        const answers = [await ask("part"), await ask("slow")];
        return make("page", (await Promise.all(answers.map((answer) => answer.text()))).join(""));
      },
    },
    async visit(client) {
      const page = client.open("page");
      await client.say("go");
      return [await page.received];
    },
    received: ["200 a part of it"],
    told: {
      page: "completed 200 12 /page",
      part: "completed 202 6 /part",
      slow: "completed 200 6 /slow",
    },
    all: { "/page": "completed 200 12", "/part": "completed 202 6", "/slow": "completed 200 6" },
  },
  {
    name: "a handler asks the wrapped handler itself, and sends the answer as it is",
    routes: {
      part: ({ run, make }) => make("part", run.gated("a part", "."), { status: 202 }),
      page: ({ ask }) => ask("part"),
    },
    async visit(client) {
      const page = client.open("page");
      await page.first;
      await client.untold("part");
      await client.say("go");
      return [await page.received];
    },
    received: ["202 a part."],
    // Its request is that of either: the inner one it answers, the outer one is on the wire.
    told: { part: "completed 202 7" },
    all: { "/page": "completed 202 7", "/part": "completed 202 7" },
    // One response: whether a listener hears it with the one request or the other is not said.
    parts: true,
  },
];

export const pool: readonly Scenario[] = [
  {
    name: "a pooled driver calls back in the context of a request that is still open",
    routes: {
      // Opens the connection: what that calls back, it calls back in the context of this request.
      open({ run, make }) {
        const connection = async () => {
          while (!run.words.has("go")) {
            await pause(5);
            run.wakeAll();
          }
        };
        connection();
        return make("open", run.gated("opened ", "closed"));
      },
      query: ({ run, make }) =>
        new Promise<Response>((resolve) => {
          run.waiting.push(() => resolve(make("query", "rows", { headers: { "x-mark": "rows" } })));
        }),
      stream: ({ run, make }) =>
        new Promise<Response>((resolve) => {
          run.waiting.push(() => resolve(make("stream", run.gated("row ", "by row", "rows"))));
        }),
      fails: ({ run, make }) =>
        new Promise<Response>((_resolve, reject) => {
          run.waiting.push(() => {
            make("dropped", "never sent");
            reject(new Error("the query failed"));
          });
        }),
    },
    ways: exchanges,
    crosses: true,
    async visit(client) {
      const open = client.open("open");
      await open.first;
      const query = await client.get("query");
      const fails = await client.get("fails");
      const stream = client.open("stream");
      await stream.first;
      await client.untold("stream");
      await client.say("rows");
      await stream.received;
      await client.hasTold("query");
      await client.hasTold("stream");
      await client.untold("open");
      await client.say("go");
      return [await open.received, query, await stream.received, fails];
    },
    received: ["200 opened closed", "200 rows", "200 row by row", "500 *"],
    told: {
      open: "completed 200 13 /open",
      query: "completed 200:rows 4 /query",
      stream: "completed 200 10 /stream",
      // Whose it was only its context said, and that is another request's: it is told that nobody sent it, or of the throw.
      dropped: "errored|canceled *",
    },
    anytime: ["dropped"],
    all: {
      "/open": "completed 200 13",
      "/query": "completed 200:rows 4",
      "/stream": "completed 200 10",
      "/fails": "errored|completed 500",
    },
    parts: true,
  },
];
