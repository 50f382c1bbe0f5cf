// Handlers that send nothing of what they have built.
import { pause, plain } from "../run.ts";
import { exchanges, type Scenario } from "../scenario.ts";

export const handlers: readonly Scenario[] = [
  {
    // Issue 14 (e): the library carried no scope across awaits any more.
    name: "the 1,001st answer is the first asynchronous one, and throws",
    ways: exchanges,
    routes: {
      now: () => plain("now"),
      async throws({ make }) {
        make("before", "built before the await");
        await pause(1);
        make("after", "built after the await");
        throw new Error("the handler failed");
      },
    },
    async visit(client) {
      for (let i = 0; i < 50; i++) await Promise.all(Array.from({ length: 20 }, () => client.get("now")));
      return [await client.get("throws")];
    },
    received: ["500 *"],
    told: { before: "errored *", after: "errored *" },
    // In Hono it is the answer of onError that is sent, and that is completed. That of `now` comes a thousand times.
    all: { "/throws": "errored|completed 500" },
    parts: true,
  },
  {
    // Issue 14 (f).
    needsLeft: true,
    name: "a handler never settles, and its client has left",
    ways: exchanges,
    routes: {
      async never({ run, make }) {
        make("built", "never sent");
        run.marks.push("in");
        await run.hear("nothing");
        return new Response();
      },
    },
    async visit(client) {
      const visit = client.open("never");
      await client.marked("in");
      visit.leave();
      return [await visit.received];
    },
    received: ["0 "],
    told: { built: "canceled *" },
    // That it is told, and that drain() comes back; not how soon.
    anytime: ["built"],
    all: { "/never": "canceled *" },
    parts: true,
  },
];
