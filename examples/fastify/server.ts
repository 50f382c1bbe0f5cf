// A Fastify app that answers a text, a slow stream and a file as web Responses. It writes a line of log when an answer
// has ended, and at SIGTERM it stops without losing one.
import { createReadStream } from "node:fs";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { type Callback, drain, handOver, ResponseThen } from "response-then/node";
import { stopperOf } from "../node/stop.ts";

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
function log({ method, url }: FastifyRequest): Callback {
  return ({ type, response, bytes, duration, observed }) => {
    const time = `${duration.toFixed(0)} ms`;
    console.log(`${method} ${url} ${response.status} ${type}, ${bytes} bytes in ${time}, ${observed}`);
  };
}

/** Sends a web Response by Fastify, whose `reply.raw` tells how it ends. */
function send(reply: FastifyReply, response: Response): FastifyReply {
  return reply.send(handOver(response, reply.raw));
}

const app = fastify();
app.get("/", (request, reply) => send(reply, new ResponseThen("Hello\n", log(request))));
app.get("/stream", (request, reply) =>
  send(reply, new ResponseThen(slowLines(), log(request), { headers: { "content-type": "text/plain" } })),
);
app.get("/download", (request, reply) => {
  const file = Readable.toWeb(createReadStream(new URL("README.md", import.meta.url))) as ReadableStream;
  const headers = { "content-type": "text/markdown", "content-disposition": "attachment" };
  return send(reply, new ResponseThen(file, log(request), { headers }));
});
app.setNotFoundHandler((request, reply) => send(reply, new ResponseThen("Not found\n", log(request), { status: 404 })));

const stop = stopperOf(app.server);
// For "localhost", its default, Fastify makes a second server, which is not told to stop.
await app.listen({ port: Number(process.env.PORT ?? 3000), host: "0.0.0.0" });
console.log(`http://localhost:${(app.server.address() as AddressInfo).port}`);

process.once("SIGTERM", async () => {
  // What is open may end, and then the callbacks: together less than the 10 s that a container usually has.
  await Promise.race([stop(), pause(6_000)]);
  const { pending } = await drain({ timeout: 3_000 });
  await app.close();
  process.exit(pending === 0 ? 0 : 1);
});
