// What the runtime for Node does with a streaming handler (aws/aws-lambda-nodejs-runtime-interface-client, Runtime.js and
// ResponseStream.js): asks for an event, calls the handler, and asks for the next event when the handler's promise has
// settled and Lambda has confirmed the answer. The stream is the request to Lambda. Lambda freezes the process while it
// waits for an event.
import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import process from "node:process";
import { json } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import type { LambdaContext, LambdaEvent, LambdaHandler } from "../../../adapters/aws-lambda.ts";

type Stream = ClientRequest & { _onBeforeFirstWrite?: (write: (chunk: string | Uint8Array) => void) => void };

const [, , script = ""] = process.argv;
// Not every version waits until nothing is left to do.
const waits = process.env.RUNTIME_WAITS === "true";
const [hostname, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? "").split(":");
const api = { hostname, port, agent: false as const };

Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: LambdaHandler) => handler,
    HttpResponseStream: {
      from(stream: Stream, head: object) {
        stream.setHeader("content-type", "application/vnd.awslambda.http-integration-response");
        stream._onBeforeFirstWrite = (write) => {
          write(JSON.stringify(head));
          write(new Uint8Array(8));
        };
        return stream;
      },
    },
  },
});

/** Lambda's stream for the answer to an event, and what settles when Lambda has confirmed it. */
function openStream(id: string): [Stream, Promise<void>] {
  const stream = request({
    ...api,
    path: `/2018-06-01/runtime/invocation/${id}/response`,
    method: "POST",
    headers: { "lambda-runtime-function-response-mode": "streaming", trailer: "lambda-runtime-function-error-body" },
  }) as Stream;
  const confirmed = new Promise<void>((resolve, reject) => {
    stream.on("error", reject).on("response", (response: IncomingMessage) => response.resume().on("end", resolve));
  });
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let begun = false;
  stream.write = (...args: unknown[]) => {
    if (!begun) stream._onBeforeFirstWrite?.((chunk) => write(chunk));
    begun = true;
    return write(...args);
  };
  return [stream, confirmed];
}

async function run(handler: LambdaHandler): Promise<never> {
  for (;;) {
    const next = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ ...api, path: "/2018-06-01/runtime/invocation/next" }, resolve)
        .on("error", reject)
        .end();
    });
    const event = (await json(next)) as LambdaEvent;
    const deadline = Number(next.headers["lambda-runtime-deadline-ms"]);
    const context: LambdaContext = {
      callbackWaitsForEmptyEventLoop: waits,
      getRemainingTimeInMillis: () => deadline - Date.now(),
    };
    const [stream, confirmed] = openStream(String(next.headers["lambda-runtime-aws-request-id"]));
    try {
      await handler(event, stream, context);
      if (!stream.writableEnded) throw new Error("Response stream is not finished.");
    } catch (error) {
      stream.addTrailers({ "lambda-runtime-function-error-body": Buffer.from(String(error)).toString("base64") });
      stream.end();
    }
    await confirmed;
    if (context.callbackWaitsForEmptyEventLoop) await once(process, "beforeExit");
  }
}

import(pathToFileURL(script).href).then(({ handler }) => run(handler));
