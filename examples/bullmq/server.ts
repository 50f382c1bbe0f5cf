// A server on Node that bills what it has answered. The bill becomes a job of BullMQ when an answer has ended, and from
// then on neither this process nor the worker can lose it by dying.
import type { Server } from "node:http";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { serve } from "@hono/node-server";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { enqueue } from "response-then/bullmq";
import { drain, type Outcome, ResponseThen, withResponseThen } from "response-then/node";
import { stopperOf } from "../node/stop.ts";
import type { Bill } from "./worker.ts";

const redis = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";
const bills = new Queue<Bill>("bills", { connection: new Redis(redis) });
// Without a listener BullMQ writes each of its attempts to connect with its whole stack.
bills.on("error", (error) => console.error(`Redis: ${error.message}`));

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
  const { pathname, search } = new URL(request.url);
  const path = pathname + search;
  const toBill = ({ type, bytes }: Outcome): Bill => ({ path, bytes, whole: type === "completed" });
  const bill = enqueue(bills, "bill", toBill, { removeOnComplete: true });
  const onError = (error: unknown, outcome: Outcome) => console.error("Not billed:", toBill(outcome), error);
  if (pathname === "/") return new ResponseThen("Hello\n", bill, { onError });
  if (pathname === "/stream") return new ResponseThen(slowLines(), bill, { onError });
  return new Response("Not found\n", { status: 404 });
}

const options = { fetch: withResponseThen(answer), port: Number(process.env.PORT ?? 3000) };
const server = serve(options, ({ port }) => console.log(`http://localhost:${port}`)) as Server;
const stop = stopperOf(server);

process.once("SIGTERM", async () => {
  // What is open may end, and then the bills: together less than the 10 s that a container usually has.
  await Promise.race([stop(), pause(6_000)]);
  const { pending } = await drain({ timeout: 3_000 });
  process.exit(pending === 0 ? 0 : 1);
});
