// A function that answers a text and a slow stream, and writes a line of log when an answer has ended.
import { type Callback, ResponseThen, withResponseThen } from "response-then/vercel";

/** Twenty lines, one every 60 ms. */
function slowLines(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      controller.enqueue(encoder.encode(`line ${++line}\n`));
      if (line === 20) controller.close();
    },
  });
}

/** A callback that writes a line about the answer to a request. */
function log({ method, url }: Request): Callback {
  return ({ type, response, bytes, duration, observed }) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(
      `${method} ${new URL(url).pathname} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`,
    );
  };
}

export default {
  fetch: withResponseThen((request) => {
    if (new URL(request.url).searchParams.has("stream")) {
      return new ResponseThen(slowLines(), log(request), { headers: { "content-type": "text/plain" } });
    }
    return new ResponseThen("Hello\n", log(request));
  }),
};
