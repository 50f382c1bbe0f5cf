// The application whose server is stopped, on Node, Bun and Deno: /<content>/<callback>/<id>.
import process from "node:process";
import { type Callback, ResponseThen } from "../../../src/index.ts";
import { LARGE } from "./large.ts";
import { record } from "./records.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What the test lets end, a word on a line of the standard input each. */
const ended = new Set<string>();
process.stdin.on("data", (text) => {
  for (const word of String(text).trim().split("\n")) ended.add(word);
});

/** A line every 60 ms, until the test lets streams end. */
function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      await pause(60);
      const end = ended.has("streams");
      controller.enqueue(encoder.encode(end ? "end\n" : "line\n"));
      if (end) controller.close();
    },
  });
}

const contents: Record<string, () => string | Uint8Array<ArrayBuffer> | ReadableStream | Promise<string>> = {
  quick: () => "quick",
  stream,
  large: () => new Uint8Array(LARGE).fill(120),
  // Still in its handler when the server is stopped.
  late: async () => {
    while (!ended.has("handlers")) await pause(10);
    return "late";
  },
};

const callbacks: Record<string, (id: string) => Callback> = {
  slow: (id) => async (outcome) => {
    record("called", id, outcome.type);
    await pause(200);
    record("finished", id, outcome.type);
  },
  endless:
    (id) =>
    (outcome, { signal }) => {
      record("called", id, outcome.type);
      signal.addEventListener("abort", () => record("aborted", id, String(signal.reason.message).replaceAll(" ", "_")));
      return new Promise(() => {});
    },
};

/** Answers a request; the request and its callback are recorded. */
export async function answer(request: Request): Promise<Response> {
  const [content = "", callback = "", id = ""] = new URL(request.url).pathname.split("/").slice(1);
  record("came", id);
  const body = await contents[content]?.();
  return new ResponseThen(body ?? null, callbacks[callback]?.(id) ?? []);
}
