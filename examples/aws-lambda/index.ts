// A function that answers a text and a slow stream, and writes a line of log when an answer has ended.
import { setTimeout as pause } from "node:timers/promises";
import { type Callback, type LambdaHandler, ResponseThen, withResponseThen } from "response-then/aws-lambda";

/** Twenty lines, one every 60 ms. */
function slowLines(): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let line = 0;
  return new ReadableStream({
    async pull(controller) {
      await pause(60);
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

export const handler: LambdaHandler = withResponseThen((request) =>
  new URL(request.url).pathname === "/stream"
    ? new ResponseThen(slowLines(), log(request), { headers: { "content-type": "text/plain" } })
    : new ResponseThen("Hello\n", log(request)),
);
