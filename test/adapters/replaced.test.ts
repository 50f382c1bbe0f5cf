// What `handOver` was given, and the framework then did not send.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { type FastifyInstance, fastify } from "fastify";
import { afterEach, expect, test } from "vitest";
import { handOver, type Outcome, ResponseThen } from "../../adapters/node.ts";

const bodies = {
  text: () => "text",
  stream: () =>
    new ReadableStream({
      pull(controller) {
        controller.enqueue(new TextEncoder().encode("text"));
        controller.close();
      },
    }),
};

let app: FastifyInstance | undefined;
let server: Server | undefined;
afterEach(async () => {
  await app?.close();
  server?.close();
  app = server = undefined;
});

const seen = ({ type, observed, bytes, response }: Outcome) => [type, observed, response.status, bytes];

/** Starts the application; fulfils with what its route's callback was told, and the answer's status. */
async function ask(body: BodyInit, method: string, hook: () => Promise<unknown>) {
  app = fastify();
  let tell: (outcome: Outcome) => void;
  const told = new Promise<Outcome>((resolve) => {
    tell = resolve;
  });
  app.addHook("onSend", hook);
  app.get("/", async (_request, reply) => handOver(new ResponseThen(body, (outcome) => tell(outcome)), reply.raw));
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const answer = await fetch(url, { method });
  await answer.arrayBuffer();
  return [answer.status, seen(await told)];
}

// It was told as completed, flushed, with status 200.
test.for(Object.keys(bodies) as (keyof typeof bodies)[])("a %s in whose place a hook answers 500", async (kind) => {
  const fail = async () => {
    throw new Error("hook failed");
  };
  const [status, told] = await ask(bodies[kind](), "GET", fail);
  expect([status, told]).toEqual([500, ["canceled", "flushed", 500, kind === "text" ? 4 : 0]]);
});

// Fastify's own handler of these takes no `Response`.
test.for(Object.keys(bodies) as (keyof typeof bodies)[])("a %s that its automatic HEAD route refuses", async (kind) => {
  const [status, told] = await ask(bodies[kind](), "HEAD", async () => {});
  expect([status, told]).toEqual([500, ["canceled", "flushed", 500, 0]]);
});

test("a text that is sent with another status is completed with that", async () => {
  let tell: (outcome: Outcome) => void;
  const told = new Promise<Outcome>((resolve) => {
    tell = resolve;
  });
  server = createServer((_request, res) => {
    const response = handOver(new ResponseThen("text", (outcome) => tell(outcome)), res);
    res.statusCode = 203;
    res.setHeader("x-other", ["a", "b"]);
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]).pipe(res);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect(await answer.text()).toBe("text");
  const outcome = await told;
  expect(seen(outcome)).toEqual(["completed", "flushed", 203, 4]);
  expect(outcome.response.headers.get("x-other")).toBe("a, b");
});
