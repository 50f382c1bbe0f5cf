import { createTextStreamResponse, streamText, toTextStream } from "ai";
import { ResponseThen, withResponseThen } from "response-then/node";
import { model } from "./model.js";

function answer(prompt, ended, options) {
  const stop = new AbortController();
  let failure;
  const onError = ({ error }) => {
    failure = error;
  };
  const result = streamText({ model, prompt, abortSignal: stop.signal, onError });
  const response = createTextStreamResponse({ stream: toTextStream({ stream: result.stream }) });
  const callback = (outcome) => {
    stop.abort(); // If the model still runs: the SDK does not stop it.
    const error = outcome.error ?? failure;
    if (error) console.log(`${outcome.type}, and the model failed: ${error.message}`);
    else return ended(outcome, result);
  };
  return ResponseThen.from(response, callback, options);
}

/** The whole answer is stored and billed, also when the client leaves. */
async function storeWhole({ type }, result) {
  const { totalTokens } = await result.usage;
  console.log(`${type}: store "${await result.text}", bill ${totalTokens} tokens`);
}

/** What the client got is stored and billed. When it leaves, the model stops. */
function storeCaptured({ type, captured }) {
  const text = new TextDecoder().decode(captured.bytes);
  console.log(`${type}: store "${text}", bill ${text.length} characters`);
}

export const fetch = withResponseThen((request) => {
  const { pathname, searchParams } = new URL(request.url);
  const prompt = searchParams.get("prompt");
  return pathname === "/whole"
    ? answer(prompt, storeWhole, { onCancel: "consume", consumeLimit: { ms: 60_000 } })
    : answer(prompt, storeCaptured, { capture: 1_000_000 });
});
