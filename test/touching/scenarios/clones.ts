// Issue 14 (c): clones. The clone that is sent is the response; one that is only read ends nothing.
import type { Make, Run } from "../run.ts";
import { exchanges, type Route, type Scenario } from "../scenario.ts";

const bodies: Readonly<Record<string, (run: Run) => BodyInit | null>> = {
  stream: (run) => run.gated("cloned ", "body"),
  text: () => "cloned body",
};
const marked = (response: Response): Response => {
  response.headers.set("x-mark", "copy");
  return response;
};

function scenario(
  name: string,
  send: (response: Response, run: Run, make: Make) => Response | Promise<Response>,
  { sent = "200:copy", ...more }: { sent?: string } & Partial<Scenario> = {},
): Scenario {
  const routeOf =
    (kind: string): Route =>
    ({ run, make }) =>
      send(make(kind, bodies[kind]?.(run) ?? null), run, make);
  return {
    name,
    // Alone, nothing tells the clone that is sent from the one that is read.
    ways: exchanges,
    routes: { stream: routeOf("stream"), text: routeOf("text") },
    async visit(client) {
      const visits = [client.open("stream"), client.open("text")];
      await visits[0]?.first;
      await client.untold("stream");
      await client.say("go");
      return Promise.all(visits.map(({ received }) => received));
    },
    received: ["200 cloned body", "200 cloned body"],
    told: { stream: `completed ${sent} 11 /stream`, text: `completed ${sent} 11 /text` },
    all: { "/stream": `completed ${sent} 11`, "/text": `completed ${sent} 11` },
    ...more,
  };
}

/** What a cache or an ETag middleware does. */
const read = async (response: Response): Promise<string> => response.clone().text();

export const clones: readonly Scenario[] = [
  scenario("a middleware sends a clone with another header", (response) => marked(response.clone())),
  scenario("a middleware sends a clone of a clone", (response) => marked(response.clone().clone())),
  scenario(
    "a middleware sends a clone, re-wrapped",
    (response) => {
      const clone = response.clone();
      return marked(new Response(clone.body, { status: 203, headers: clone.headers }));
    },
    { sent: "203:copy", received: ["203 cloned body", "203 cloned body"] },
  ),
  scenario("a middleware reads one clone and sends another", (response) => {
    read(response);
    return marked(response.clone());
  }),
  scenario(
    "a clone is read, and not sent",
    (response) => {
      read(response);
      return response;
    },
    { sent: "200", ways: ["alone", ...exchanges] },
  ),
  scenario(
    "a clone is read to its end before the original is sent",
    async (response, { words }) => {
      // What is gated must not wait for a client that waits for the head.
      words.add("go");
      await read(response);
      return response;
    },
    {
      sent: "200",
      ways: ["alone", ...exchanges],
      visit: async (client) => [await client.get("stream"), await client.get("text")],
    },
  ),
  scenario(
    "a clone is canceled, and not sent",
    (response) => {
      // One branch of a tee is released only with the other one.
      response
        .clone()
        .body?.cancel()
        .catch(() => {});
      return response;
    },
    { sent: "200", ways: ["alone", ...exchanges] },
  ),
];
