// Lambda's runtime API, https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html, by HTTP: what the official client asks
// for an event, and where it leaves the answer.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { vi } from "vitest";

const ROOT = "/2018-06-01/runtime/";

/** What the client left for an event. */
export interface Answer {
  /** Where it left it. */
  readonly kind: "response" | "error";
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** What the handler failed with, as the trailers of a streamed answer or the body of an error say. */
  readonly error: string | undefined;
}

export interface RuntimeApi {
  readonly address: string;
  /** What happened since the last event was given, in order: "next", "answered", "cut", and the function's notes. */
  events(): readonly unknown[];
  /** What the client could not start with. */
  initError(): string | undefined;
  /**
   * Gives an event when the client asks for one. Fulfils with its answer, or with nothing when the answer was cut.
   *
   * @param cutAfter After so many bytes of the answer its connection is reset.
   */
  give(event: object, cutAfter?: number): Promise<Answer | undefined>;
  /** Waits until the client asks for an event. */
  asked(): Promise<void>;
  close(): void;
}

export async function startRuntimeApi(): Promise<RuntimeApi> {
  let events: unknown[] = [];
  let initError: string | undefined;
  let asking: ServerResponse | undefined;
  let id = 0;
  let current: { cutAfter: number; answered: (answer: Answer | undefined) => void } | undefined;

  async function take(message: IncomingMessage, response: ServerResponse, kind: Answer["kind"]): Promise<void> {
    const { cutAfter = Number.POSITIVE_INFINITY, answered } = current ?? {};
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of message) {
        chunks.push(chunk);
        bytes += chunk.byteLength;
        if (bytes >= cutAfter) message.socket.resetAndDestroy();
      }
    } catch {
      events.push("cut");
      return answered?.(undefined);
    }
    events.push("answered");
    response.writeHead(202, { "content-type": "application/json" }).end('{"status":"OK"}');
    const body = Buffer.concat(chunks);
    const trailer = message.trailers["lambda-runtime-function-error-body"];
    const failure = kind === "error" ? String(body) : trailer && Buffer.from(trailer, "base64").toString();
    answered?.({ kind, headers: message.headers, body, error: failure ? messageOf(JSON.parse(failure)) : undefined });
  }

  const server = createServer(async (message, response) => {
    const { method, url = "" } = message;
    if (url === "/notes") {
      events.push(await json(message));
      response.end();
    } else if (method === "GET" && url === `${ROOT}invocation/next`) {
      events.push("next");
      asking = response;
    } else if (method === "POST" && url === `${ROOT}init/error`) {
      initError = messageOf((await json(message)) as Failure);
      response.writeHead(202).end();
    } else if (method === "POST" && url === `${ROOT}invocation/${id}/response`)
      await take(message, response, "response");
    else if (method === "POST" && url === `${ROOT}invocation/${id}/error`) await take(message, response, "error");
    else response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  const asked = async () => {
    await vi.waitUntil(() => asking !== undefined, { timeout: 30_000, interval: 10 });
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    events: () => events,
    initError: () => initError,
    asked,
    async give(event, cutAfter = Number.POSITIVE_INFINITY) {
      await asked();
      events = [];
      id++;
      return new Promise((answered) => {
        current = { cutAfter, answered };
        asking?.writeHead(200, {
          "content-type": "application/json",
          "lambda-runtime-aws-request-id": `${id}`,
          "lambda-runtime-deadline-ms": `${Date.now() + 30_000}`,
          "lambda-runtime-invoked-function-arn": "arn:aws:lambda:eu-north-1:123456789012:function:test",
        });
        asking?.end(JSON.stringify(event));
        asking = undefined;
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
}

function messageOf({ errorType, errorMessage }: Failure): string {
  return `${errorType}: ${errorMessage}`;
}
