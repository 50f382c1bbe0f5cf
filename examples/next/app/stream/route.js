import { setTimeout as pause } from "node:timers/promises";
import { ResponseThen, withResponseThen } from "response-then/next";
import { log } from "../../log.js";

/** Twenty lines, one every 60 ms. */
function slowLines() {
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

export const GET = withResponseThen(
  (request) => new ResponseThen(slowLines(), log(request), { headers: { "content-type": "text/plain" } }),
);
