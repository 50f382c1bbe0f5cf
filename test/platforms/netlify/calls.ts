// Calls a handler in every way, and prints what the callbacks and Netlify saw, in order. Runs on Node and Deno.
import { type Outcome, ResponseThen, withResponseThen } from "../../../adapters/netlify.ts";
import { ResponseThen as CoreResponseThen } from "../../../src/index.ts";
import { invoke } from "./invocation.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What happened, by the name of the call. */
export async function calls(): Promise<Record<string, string[]>> {
  const told: Record<string, string[]> = {};
  const all = Object.entries(answers).flatMap(([name, answer]) =>
    (["alone", "wrapped", "told"] as const).map(async (way) => {
      const events: string[] = [];
      told[`${way} ${name}`] = events;
      const record = (who: string) => async (outcome: Outcome) => {
        // So that it is late where nobody waits.
        await pause(30);
        const { type, observed, bytes, response } = outcome;
        const why = type === "errored" ? `, ${outcome.error}` : type === "canceled" ? "" : `, ${bytes} bytes`;
        events.push(`${who}: ${type}, ${observed}, ${response.status}${why}`);
      };
      const handler = async () => {
        // The context is found after it too.
        await pause(1);
        return answer(record("own"));
      };
      const ways = {
        alone: handler,
        wrapped: withResponseThen(handler),
        told: withResponseThen(handler, record("adapter")),
      };
      const method = name === "head" ? "HEAD" : "GET";
      await invoke(ways[way], new Request("http://localhost/", { method }), name !== "canceled");
      events.push("over");
    }),
  );
  await Promise.all(all);
  // For what nobody waits for.
  await pause(200);
  return told;
}

const stream = () =>
  new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new Uint8Array(1_000));
      controller.close();
    },
  });
const failing = () => new ReadableStream({ pull: () => Promise.reject(new Error("source failed")) });

const answers: Record<string, (own: (outcome: Outcome) => unknown) => Response> = {
  string: (own) => new ResponseThen("Hello", own),
  stream: (own) => new ResponseThen(stream(), own),
  canceled: (own) => new ResponseThen(stream(), own),
  nothing: (own) => new ResponseThen(null, own, { status: 204 }),
  head: (own) => new ResponseThen(stream(), own),
  fails: (own) => new ResponseThen(failing(), own),
  core: (own) => new CoreResponseThen("Hello", own),
  plain: () => new Response("Hello"),
  throws: () => {
    throw new Error("no answer");
  },
};

const { Deno } = globalThis as { Deno?: unknown };
if (Deno) console.log(JSON.stringify(await calls()));
