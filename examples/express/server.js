// An Express app that answers a text, a slow stream and a file as web Responses. It writes a line of log when an answer
// has ended, and at SIGTERM it stops without losing one.
import { createReadStream } from "node:fs";
import process from "node:process";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import express from "express";
import { drain, handOver, ResponseThen } from "response-then/node";
import { sendNodeResponse } from "srvx/node";
import { stopperOf } from "../node/stop.ts";

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

/** A callback that writes a line about the answer to a request. */
function log({ method, path }) {
  return ({ type, response, bytes, duration, observed }) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(`${method} ${path} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`);
  };
}

/** Sends a web Response by Express's `res`, which tells how it ends. */
function send(res, response) {
  return sendNodeResponse(res, handOver(response, res));
}

const app = express();
app.get("/", (req, res) => send(res, new ResponseThen("Hello\n", log(req))));
app.get("/stream", (req, res) =>
  send(res, new ResponseThen(slowLines(), log(req), { headers: { "content-type": "text/plain" } })),
);
app.get("/download", (req, res) => {
  const file = Readable.toWeb(createReadStream(new URL("README.md", import.meta.url)));
  const headers = { "content-type": "text/markdown", "content-disposition": "attachment" };
  return send(res, new ResponseThen(file, log(req), { headers }));
});
app.use((req, res) => send(res, new ResponseThen("Not found\n", log(req), { status: 404 })));

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`http://localhost:${server.address().port}`);
});
const stop = stopperOf(server);

process.once("SIGTERM", async () => {
  // What is open may end, and then the callbacks: together less than the 10 s that a container usually has.
  await Promise.race([stop(), pause(6_000)]);
  const { pending } = await drain({ timeout: 3_000 });
  process.exit(pending === 0 ? 0 : 1);
});
