// What was sent. A response was handed over, and then the framework answered otherwise: it was
// told as completed, flushed, 200.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import Fastify, { type FastifyInstance } from "fastify";
import { FastResponse, serve } from "srvx";
import { afterEach, describe, expect, test } from "vitest";
import { handOver, type Outcome, ResponseThen } from "../../adapters/node.ts";
import { withResponseThen } from "../../adapters/srvx.ts";
import { send } from "../client.ts";

/** As much of Express as is used: it brings no types. */
type Handling = (first: never, second: never, third: never, fourth: never) => void;
interface Express {
  (request: IncomingMessage, response: ServerResponse): void;
  get(path: string, handler: (request: IncomingMessage, response: ServerResponse) => void): void;
  use(handler: Handling): void;
}
const express = createRequire(import.meta.url)("express") as () => Express;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const bodies: [string, () => BodyInit | null][] = [
  ["a string", () => "text"],
  ["a stream", () => new Blob(["text"]).stream()],
  ["a stream that goes on", () => endless()],
  ["nothing", () => null],
];

function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    async pull(controller) {
      await pause(5);
      controller.enqueue(new Uint8Array(100));
    },
  });
}

type Told = Pick<Outcome, "type" | "observed"> & { status: number; bytes: number };

/** What went out, and what the callback was told. */
async function visit(
  make: (answer: () => ResponseThen) => Promise<number>,
  body: () => BodyInit | null,
  method = "GET",
): Promise<{ sent: number; told: Told[] }> {
  const told: Told[] = [];
  const port = await make(
    () =>
      new ResponseThen(body(), ({ type, observed, bytes, response }) => {
        told.push({ type, observed, bytes, status: response.status });
      }),
  );
  const { status, readAll } = await send(new URL(`http://127.0.0.1:${port}/`), { method });
  await readAll().catch(() => {});
  for (let i = 0; i < 400 && told.length === 0; i++) await pause(10);
  return { sent: status, told };
}

async function listen(app: FastifyInstance): Promise<number> {
  closing.push(() => app.close());
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as AddressInfo).port;
}

describe("Fastify", () => {
  const failing = (hook: "onSend" | "preSerialization") => (answer: () => ResponseThen) => {
    const app = Fastify();
    if (hook === "onSend") {
      let failed = false;
      app.addHook("onSend", async (_request, _reply, payload) => {
        if (failed) return payload;
        failed = true;
        throw new Error("a hook failed");
      });
    }
    app.get("/", { exposeHeadRoute: false }, (_request, reply) => reply.send(handOver(answer(), reply.raw)));
    return listen(app);
  };

  test.for(bodies)("a hook of onSend answers 500 in its place: %s", async ([, body]) => {
    const { sent, told } = await visit(failing("onSend"), body);
    expect(sent).toBe(500);
    expect(told).toMatchObject([{ status: 500 }]);
    if (body() !== null) expect(told[0]?.type).not.toBe("completed");
  });

  test.for(bodies.filter(([name]) => name !== "a stream that goes on"))(
    "to a HEAD its own route answers, with what it answers: %s",
    async ([, body]) => {
      const make = (answer: () => ResponseThen) => {
        const app = Fastify();
        app.get("/", (_request, reply) => reply.send(handOver(answer(), reply.raw)));
        return listen(app);
      };
      const { sent, told } = await visit(make, body, "HEAD");
      expect(told).toMatchObject([{ status: sent }]);
      // To a HEAD a head alone is all that there is to send, but one of another status is another answer.
      if (sent === 200) expect(told[0]?.type).toBe("completed");
      else if (body() !== null) expect(told[0]?.type).not.toBe("completed");
    },
  );

  test("a reply that is changed after the hand-over is told as it went out", async () => {
    const make = (answer: () => ResponseThen) => {
      const app = Fastify();
      app.get("/", (_request, reply) => {
        void handOver(answer(), reply.raw);
        return reply.code(503).send("not now");
      });
      return listen(app);
    };
    const { sent, told } = await visit(make, () => "text");
    expect(sent).toBe(503);
    expect(told).toMatchObject([{ status: 503 }]);
  });
});

test("Express: an error handler answers 500 in its place", async () => {
  const make = async (answer: () => ResponseThen) => {
    const app = express();
    app.get("/", (_request, res) => {
      void handOver(answer(), res);
      throw new Error("failed after the hand-over");
    });
    app.use((_error: unknown, _request: unknown, res: ServerResponse, _next: unknown) => {
      res.writeHead(500).end("failed");
    });
    const server = createServer(app).listen(0, "127.0.0.1");
    closing.push(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    return (server.address() as AddressInfo).port;
  };
  for (const body of ["text", endless()]) {
    const { sent, told } = await visit(make, () => body);
    expect(sent).toBe(500);
    expect(told).toMatchObject([{ status: 500 }]);
    expect(told[0]?.type).not.toBe("completed");
  }
});

// srvx takes the init of its own class away when it sends that: it was told with status 200. (Node does not tell headers that
// were written at once.)
test("a plain response of srvx's own class is told with the status that went out", async () => {
  let tell: (outcome: Outcome) => void;
  const told = new Promise<Outcome>((resolve) => {
    tell = resolve;
  });
  const answer = () => new FastResponse("text", { status: 418, headers: { "x-own": "a" } });
  const server = serve({
    port: 0,
    hostname: "127.0.0.1",
    silent: true,
    gracefulShutdown: false,
    fetch: withResponseThen(answer, (outcome) => tell(outcome)),
  });
  closing.push(() => server.close(true));
  await server.ready();
  expect((await fetch(server.url as string)).status).toBe(418);
  const { type, bytes, response } = await told;
  expect([type, bytes, response.status]).toEqual(["completed", 4, 418]);
});

// No `Response` has such a status: making one threw in the listener, and that ended the process.
test("a status that only Node knows is no reason to fail: the outcome keeps the response", async () => {
  const make = async (answer: () => ResponseThen) => {
    const server = createServer((_request, res) => {
      void handOver(answer(), res);
      res.statusCode = 700;
      res.end("other");
    }).listen(0, "127.0.0.1");
    closing.push(() => server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    return (server.address() as AddressInfo).port;
  };
  const { sent, told } = await visit(make, () => endless());
  expect(sent).toBe(700);
  expect(told).toMatchObject([{ type: "canceled", status: 200 }]);
});
