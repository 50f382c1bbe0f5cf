// The Worker of the queue's tests: producer and consumer in one. Routes are kinds of response; /received tells what the
// consumer got, /reported what onError was told.
import { ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";
import { enqueue, type QueueProducer } from "../../adapters/cloudflare-queue.ts";

interface Env {
  OUTCOMES: QueueProducer;
}

interface MessageBatch {
  messages: readonly { body: unknown }[];
}

const received: unknown[] = [];
const reported: string[] = [];

/** So many pieces of 1,000 bytes; without a number they never end. */
function source(pieces = Number.POSITIVE_INFINITY): ReadableStream<Uint8Array> {
  let piece = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        if (piece++ === pieces) return controller.close();
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
}

/** The queue, but it fails twice before it takes a message; then it says in the message which send it was. */
function failsTwice(queue: QueueProducer): QueueProducer {
  let sends = 0;
  return {
    async send(message, options) {
      sends++;
      if (sends <= 2) throw new Error("the queue fails");
      await queue.send({ ...(message as object), sends }, options);
    },
  };
}

function answer(route: string, id: string, queue: QueueProducer): Response {
  const callback = enqueue(queue, ({ type }) => ({ id, type }));
  switch (route) {
    case "whole":
      return new ResponseThen(source(4), callback);
    case "endless":
      return new ResponseThen(source(), callback);
    case "short":
      return new ResponseThen("short", callback);
    case "retried":
      return new ResponseThen(
        "retried",
        enqueue(failsTwice(queue), ({ type }) => ({ id, type }), { pause: 10 }),
      );
    case "bytes":
      return new ResponseThen(
        "bytes",
        enqueue(queue, () => new TextEncoder().encode(id), { contentType: "bytes" }),
      );
    case "too-large":
      return new ResponseThen(
        "too large",
        enqueue(queue, () => "x".repeat(200_000), { retries: 1, pause: 10 }),
        { onError: (error, { type }) => reported.push(`${id} ${type}: ${error}`) },
      );
    default:
      return new Response("no such route", { status: 404 });
  }
}

export default withResponseThen({
  fetch(request: Request, env: Env): Response {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/received") return Response.json(received);
    if (pathname === "/reported") return Response.json(reported);
    return answer(pathname.slice(1), searchParams.get("id") ?? "", env.OUTCOMES);
  },
  queue({ messages }: MessageBatch): void {
    for (const { body } of messages) {
      received.push(body instanceof ArrayBuffer ? { bytes: new TextDecoder().decode(body) } : body);
    }
  },
});
