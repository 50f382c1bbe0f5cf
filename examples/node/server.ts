// A server on Node that answers a text, a slow stream and a file. It writes a line of log when an answer has ended, and
// at SIGTERM it stops without losing one.
import { createReadStream } from "node:fs";
import type { Server } from "node:http";
import process from "node:process";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { drain, type Outcome, ResponseThen, withResponseThen } from "response-then/node";
import { stopperOf } from "./stop.ts";

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

function answer(request: Request): Response {
  const { pathname: path } = new URL(request.url);
  const log = ({ type, response, bytes, duration, observed }: Outcome) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(`${request.method} ${path} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`);
  };
  if (path === "/") return new ResponseThen("Hello\n", log);
  if (path === "/stream") return new ResponseThen(slowLines(), log, { headers: { "content-type": "text/plain" } });
  if (path === "/download") {
    const file = Readable.toWeb(createReadStream(new URL("README.md", import.meta.url))) as ReadableStream;
    return new ResponseThen(file, log, {
      headers: { "content-type": "text/markdown", "content-disposition": "attachment" },
    });
  }
  return new ResponseThen("Not found\n", log, { status: 404 });
}

const options = { fetch: withResponseThen(answer), port: Number(process.env.PORT ?? 3000) };
const server = serve(options, ({ port }) => console.log(`http://localhost:${port}`)) as Server;
const stop = stopperOf(server);

process.once("SIGTERM", async () => {
  // What is open may end, and then the callbacks: together less than the 10 s that a container usually has.
  await Promise.race([stop(), pause(6_000)]);
  const { pending } = await drain({ timeout: 3_000 });
  process.exit(pending === 0 ? 0 : 1);
});
