// Responses that outlive the request in which they were built.
import { plain, type Run, streamOf } from "../run.ts";
import { exchanges, type Received, type Route, type Scenario, type Visit } from "../scenario.ts";

const bodies: Readonly<Record<string, (run: Run) => BodyInit | null>> = {
  text: () => "kept body",
  null: () => null,
  // The last: where it is sent twice, Node's servers close the connection.
  stream: () =>
    streamOf(
      (async function* () {
        yield "kept ";
        yield "body";
      })(),
    ),
};
const kinds = Object.keys(bodies);
const whole = ["200 kept body", "200 ", "200 kept body"];

const keep: Route = ({ run, make }) => {
  for (const kind of kinds) run.kept.set(kind, make(kind, bodies[kind]?.(run) ?? null));
  return plain("kept");
};
/** A route for each kind, which answers with what was kept. */
const takes = (prefix: string, change: (response: Response) => Response = (response) => response) =>
  Object.fromEntries(
    kinds.map((kind): [string, Route] => [`${prefix}-${kind}`, ({ run }) => change(run.kept.get(kind) as Response)]),
  );

/** Deno never answers a request whose response was sent before. */
async function soon(visit: Visit): Promise<Received> {
  const timer = setTimeout(visit.leave, 3_000);
  const received = await visit.received;
  clearTimeout(timer);
  return received;
}

const one = (given: Pick<Scenario, "name" | "routes" | "received" | "told" | "all"> & Partial<Scenario>): Scenario => ({
  crosses: true,
  async visit(client) {
    await client.get("keep");
    const received = [];
    for (const route of Object.keys(given.routes)) {
      if (route !== "keep") received.push(await soon(client.open(route)));
    }
    return received;
  },
  ...given,
});

export const kept: readonly Scenario[] = [
  one({
    name: "a response is kept in a cache, and sent by the next request",
    routes: { keep, ...takes("take") },
    received: whole,
    told: {
      stream: "completed 200 9 /take-stream",
      text: "completed 200 9 /take-text",
      null: "completed 200 0 /take-null",
    },
    all: {
      "/keep": "completed 200",
      "/take-stream": "completed 200 9",
      "/take-text": "completed 200 9",
      "/take-null": "completed 200 0",
    },
  }),
  one({
    name: "a response is kept in a cache, and sent 6 s later",
    routes: { keep, ...takes("take") },
    async visit(client) {
      await client.get("keep");
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      return Promise.all(kinds.map((kind) => soon(client.open(`take-${kind}`))));
    },
    received: whole,
    // After 5 s it may be told that nobody sends it, or not; either way once, and the body stays.
    told: { stream: "completed|canceled 200", text: "completed|canceled 200", null: "completed|canceled 200" },
    anytime: kinds,
    parts: true,
    all: {
      "/keep": "completed 200",
      "/take-stream": "completed 200",
      "/take-text": "completed 200",
      "/take-null": "completed 200",
    },
  }),
  one({
    name: "a response is kept in a cache, and its clones are sent by two requests",
    ways: exchanges,
    routes: {
      keep,
      ...takes("first", (response) => response.clone()),
      ...takes("second", (response) => response.clone()),
    },
    received: [...whole, ...whole],
    // One response, one callback: of the clone that is sent first.
    told: {
      stream: "completed 200 9 /first-stream",
      text: "completed 200 9 /first-text",
      null: "completed 200 0 /first-null",
    },
    all: {
      "/keep": "completed 200",
      "/first-stream": "completed 200",
      "/first-text": "completed 200",
      "/first-null": "completed 200",
      "/second-stream": "completed 200",
      "/second-text": "completed 200",
      "/second-null": "completed 200",
    },
    parts: true,
  }),
  one({
    name: "a response is sent by one request, and then by another",
    // The class alone makes a stream of a text, which cannot be sent twice where a text can.
    ways: exchanges,
    routes: { keep, ...takes("first"), ...takes("second") },
    // The second time it is what the server makes of it, as in the control.
    received: [...whole, "* *", "* *", "* *"],
    told: {
      stream: "completed 200 9 /first-stream",
      text: "completed 200 9 /first-text",
      null: "completed 200 0 /first-null",
    },
    // Some servers send a text twice, none a stream; it is told once all the same.
    all: {
      "/keep": "completed 200",
      "/first-stream": "completed 200 9",
      "/first-text": "completed 200 9",
      "/first-null": "completed 200 0",
      "/second-stream": "* *",
      "/second-text": "* *",
      "/second-null": "* *",
    },
    parts: true,
  }),
  {
    crosses: true,
    name: "two requests send one response, at the same time",
    routes: {
      async race({ run, make }) {
        const first = run.kept.get("shared") ?? make("shared", run.gated("raced ", "for"));
        run.kept.set("shared", first);
        run.marks.push("in");
        await run.hear("both");
        return first;
      },
    },
    async visit(client) {
      const both = [client.open("race"), client.open("race")];
      await client.marked("in", 2);
      await client.say("both");
      await Promise.race(both.map(({ first }) => first));
      await client.say("go");
      const received = await Promise.all(both.map(soon));
      // One of them wins.
      return received.sort(({ body }) => (body === "raced for" ? -1 : 1));
    },
    received: ["200 raced for", "* *"],
    told: { shared: "completed 200 9 /race" },
  },
];
