// A server on Node whose answers hand a job on, and its clients.
import { once } from "node:events";
import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { enqueue, type JobQueue } from "../../adapters/bullmq.ts";
import { withResponseThen } from "../../adapters/node.ts";
import { type CallbackContext, type Outcome, ResponseThen, type ResponseThenInit } from "../../src/index.ts";
import { send } from "../client.ts";

/** What a job is about. */
export interface Told {
  readonly id: string;
  readonly type: Outcome["type"];
}

/** Hands an outcome on to the queue. */
export type HandOn = (id: string) => (outcome: Outcome, context: CallbackContext) => Promise<unknown>;

export const byEnqueue =
  (queue: JobQueue<string, Told>, options: object = {}): HandOn =>
  (id) =>
    enqueue(queue, "told", ({ type }) => ({ id, type }), options);

export interface Site {
  /** Reads an answer to its end. */
  read(id: string): Promise<string>;
  /** Leaves in the middle of an answer that never ends. */
  leave(id: string): Promise<void>;
  close(): Promise<void>;
}

export async function startSite(handOn: HandOn, init: ResponseThenInit = {}): Promise<Site> {
  const answer = (request: Request): Response => {
    const { pathname, searchParams } = new URL(request.url);
    const id = searchParams.get("id") ?? "";
    return new ResponseThen(pathname === "/endless" ? endless() : `Hello, ${id}`, handOn(id), init);
  };
  const options = { fetch: withResponseThen(answer), port: 0, hostname: "127.0.0.1", overrideGlobalObjects: false };
  const server = serve(options) as Server;
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const at = (path: string, id: string) => new URL(`http://127.0.0.1:${port}${path}?id=${encodeURIComponent(id)}`);
  return {
    read: async (id) => (await (await send(at("/whole", id))).readAll()).toString(),
    async leave(id) {
      const exchange = await send(at("/endless", id));
      await exchange.readAtLeast(1_500);
      exchange.socket.resetAndDestroy();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function endless(): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 2));
        controller.enqueue(new Uint8Array(1_000));
      },
    },
    { highWaterMark: 0 },
  );
}
