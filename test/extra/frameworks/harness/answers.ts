// What every framework's app answers, with the class that the framework imports. It prints what it sees, as lines of JSON.
import type { Outcome, ResponseThen } from "response-then";

type Class = typeof ResponseThen;

/** What the app prints: of the response that was asked for as `id`, its callback's outcome, or what its source was told. */
export interface Told {
  readonly id: string;
  readonly outcome?: { type: Outcome["type"]; observed: Outcome["observed"]; bytes: number; why?: string };
  /** Whether the source was read to its end, or canceled. */
  readonly source?: "ended" | "canceled";
}

export const TEXT = "Hello, world";
export const PIECES: readonly string[] = ["one ".repeat(250), "two ".repeat(250), "three ".repeat(250)];

const PIECE = "piece ".repeat(500);

/** The names of the answers. */
export type AnswerName = "text" | "pieces" | "endless" | "idle" | "fails";

/** Answers `/answers/:name?id=…`. */
export function answer(Class: Class, url: string | URL): Response {
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const name = pathname.split("/").at(-1);
  const id = searchParams.get("id") ?? "none";
  const body = name === "text" ? TEXT : source(name as AnswerName, id);
  return new Class(body, (outcome) => tell(id, outcome), { headers: { "content-type": "text/plain" } });
}

function source(name: AnswerName, id: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        const piece = name === "pieces" ? PIECES[next] : PIECE;
        if (name === "idle" && next > 0) return new Promise(() => {});
        if (name === "fails" && next > 1) throw new Error("source failed");
        next++;
        if (piece !== undefined) controller.enqueue(encoder.encode(piece));
        else {
          controller.close();
          print({ id, source: "ended" });
        }
        // It makes its next piece after a while, as a source does.
        if (name === "endless") await new Promise((resolve) => setTimeout(resolve, 1));
      },
      cancel() {
        print({ id, source: "canceled" });
      },
    },
    { highWaterMark: 0 },
  );
}

/** The same pieces, for a framework that makes its responses of what a generator yields. */
export async function* produce(name: AnswerName, id: string, signal: AbortSignal): AsyncGenerator<string> {
  let whole = false;
  try {
    for (let next = 0; !signal.aborted; next++) {
      const piece = name === "pieces" ? PIECES[next] : PIECE;
      if (name === "fails" && next > 1) throw new Error("source failed");
      if (name === "idle" && next > 0) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      else if (piece !== undefined) yield piece;
      else {
        whole = true;
        return;
      }
      if (name === "endless") await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } finally {
    print({ id, source: whole ? "ended" : "canceled" });
  }
}

/** Prints what a callback was told. */
export function tell(id: string, outcome: Outcome): void {
  print({ id, outcome: told(outcome) });
}

function told(outcome: Outcome): NonNullable<Told["outcome"]> {
  const { type, observed, bytes } = outcome;
  if (type === "errored") return { type, observed, bytes, why: String(outcome.error) };
  return { type, observed, bytes, ...(type === "canceled" && { why: String(outcome.reason) }) };
}

function print(line: Told): void {
  console.log(JSON.stringify(line));
}
