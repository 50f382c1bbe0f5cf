// Lambda as a function meets it: its runtime API, by HTTP, and a function that runs in a process of its own.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type RunningProcess, startProcess } from "../../servers/shutdown/process.ts";

/** How a function is invoked. */
export interface Invoking {
  readonly method?: string;
  /** Members of the event that are otherwise than usual. */
  readonly event?: object;
  /** How long the function may take, in ms. */
  readonly time?: number;
  /** How long Lambda lets the answer wait before it reads it, in ms. */
  readonly wait?: number;
}

/** What came of it. */
export interface Invoked {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
  readonly body: string;
  /** What the handler failed with, where it did. */
  readonly error: string | undefined;
  /** What happened, in order: "reads", the function's notes, and "next" when it asked for the next event. */
  readonly events: unknown[];
}

export interface Lambda {
  invoke(path: string, invoking?: Invoking): Promise<Invoked>;
  /** The lines that the function printed. */
  readonly printed: readonly string[];
  complaints(): string;
  close(): Promise<void>;
}

/** @param waits Whether the runtime itself waits until nothing is left to do, too. */
export async function startLambda(script: URL, waits = false): Promise<Lambda> {
  let events: unknown[] = [];
  let asking: ServerResponse | undefined;
  let asked = () => {};
  let answered = (_message: IncomingMessage, _response: ServerResponse) => {};
  const api = createServer(async (message, response) => {
    if (message.url === "/notes") {
      events.push(JSON.parse(await text(message)));
      response.end();
    } else if (message.url?.endsWith("/next")) {
      asking = response;
      asked();
    } else answered(message, response);
  }).listen(0, "127.0.0.1");
  await once(api, "listening");

  const runtime = fileURLToPath(new URL("runtime.ts", import.meta.url));
  const { port } = api.address() as AddressInfo;
  const running: RunningProcess = startProcess([process.execPath, runtime, fileURLToPath(script)], {
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`,
    RUNTIME_WAITS: `${waits}`,
  });
  const whenAsked = () =>
    new Promise<void>((resolve, reject) => {
      asked = resolve;
      if (asking) resolve();
      running.exit.then(() => reject(new Error(`the function ended: ${running.complaints()}`)));
    });

  return {
    async invoke(path, { wait = 0, time = 30_000, ...invoking } = {}) {
      await whenAsked();
      events = [];
      const answer = new Promise<Pick<Invoked, "error"> & { whole: Buffer }>((resolve) => {
        answered = async (message, response) => {
          await pause(wait);
          if (wait > 0) events.push("reads");
          const chunks: Buffer[] = [];
          for await (const chunk of message) chunks.push(chunk);
          response.writeHead(202).end();
          const { "lambda-runtime-function-error-body": error } = message.trailers;
          resolve({ whole: Buffer.concat(chunks), error: error && Buffer.from(error, "base64").toString() });
        };
      });
      asking?.setHeader("lambda-runtime-aws-request-id", "1");
      asking?.setHeader("lambda-runtime-deadline-ms", Date.now() + time);
      asking?.end(JSON.stringify(eventOf(path, invoking)));
      asking = undefined;
      const { whole, error } = await answer;
      await whenAsked();
      events.push("next");
      const end = whole.indexOf(Buffer.alloc(8));
      const { statusCode: status, ...head } = end < 0 ? {} : JSON.parse(whole.subarray(0, end).toString());
      const body = whole.subarray(end < 0 ? 0 : end + 8).toString();
      return { ...(status && { status }), ...head, body, error, events: [...events] };
    },
    printed: running.printed,
    complaints: running.complaints,
    async close() {
      await running.close();
      api.closeAllConnections();
      api.close();
    },
  };
}

/** An event of a function URL. */
function eventOf(path: string, { method = "GET", event = {} }: Invoking): object {
  const [rawPath = "", rawQueryString = ""] = path.split("?");
  const http = { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: { host: "function.example" },
    isBase64Encoded: false,
    requestContext: { http, domainName: "function.example" },
    ...event,
  };
}
