// The SDK's own test model. The prompt says what it answers: `pieces 3` is the harness' own, for the request 3.
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { produce, TEXT } from "../harness/answers.ts";

const ID = "1";
const BEGIN = [
  { type: "stream-start", warnings: [] },
  { type: "text-start", id: ID },
];
const END = [
  { type: "text-end", id: ID },
  {
    type: "finish",
    finishReason: { unified: "stop" },
    usage: { inputTokens: { total: 12 }, outputTokens: { total: 30 } },
  },
];

const piece = (delta) => ({ type: "text-delta", id: ID, delta });

async function* parts(pieces) {
  yield* BEGIN;
  for await (const each of pieces) yield piece(each);
  yield* END;
}

const gates = new Map();

function gate(prompt) {
  if (!gates.has(prompt)) gates.set(prompt, Promise.withResolvers());
  return gates.get(prompt);
}

/** Lets the model go on with a story. */
export const goOn = (prompt) => gate(prompt).resolve();

/** Many pieces; before the second it waits until it is told to go on, or to stop. */
async function* tell(prompt, signal) {
  let whole = false;
  try {
    yield "Once upon a time ";
    signal?.addEventListener("abort", () => goOn(prompt));
    await gate(prompt).promise;
    for (let next = 0; next < 100 && !signal?.aborted; next++) yield "and so on ";
    whole = !signal?.aborted;
  } finally {
    console.log(`model ${whole ? "ended" : "stopped"}: ${prompt}`);
  }
}

export const model = new MockLanguageModelV4({
  async doStream({ prompt: [{ content }], abortSignal }) {
    const prompt = content[0].text;
    const [name, id] = prompt.split(" ");
    if (name === "text") return { stream: simulateReadableStream({ chunks: [...BEGIN, piece(TEXT), ...END] }) };
    if (name === "refused") throw new Error("the model refused");
    if (name === "overloaded") {
      const error = { type: "error", error: new Error("the model is overloaded") };
      return { stream: simulateReadableStream({ chunks: [...BEGIN, piece("Once "), error, ...END] }) };
    }
    const pieces = name === "story" ? tell(prompt, abortSignal) : produce(name, id, abortSignal);
    return { stream: ReadableStream.from(parts(pieces)) };
  },
});
