// The part of AWS Lambda's runtime for Node that Hono's adapter meets (aws/aws-lambda-nodejs-runtime-interface-client):
// it calls the handler with an event, and when the handler's promise has settled, and its stream has finished, it asks
// for the next event. Lambda freezes the process then: what has not run by that time runs with a later request, or never.
import { Writable } from "node:stream";
import type { LambdaEvent } from "hono/aws-lambda";

/** Answers a request as a stream. */
export type StreamHandler = (event: LambdaEvent, stream: ResponseStream, context: object) => Promise<void>;

/** The stream to Lambda of one answer. Lambda passes on what is written, whether its client is still there or not. */
export class ResponseStream extends Writable {
  /** Set by `HttpResponseStream.from`, called before the first write. */
  _onBeforeFirstWrite: ((write: (chunk: string | Uint8Array) => void) => void) | undefined;
  contentType = "application/octet-stream";
  readonly #received: Buffer[] = [];

  setContentType(contentType: string): void {
    this.contentType = contentType;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this._onBeforeFirstWrite?.((first) => void this.#received.push(Buffer.from(first)));
    this._onBeforeFirstWrite = undefined;
    this.#received.push(chunk);
    // As slow as a socket: never at once.
    setImmediate(done);
  }

  /** The answer that Lambda makes of it: JSON, eight bytes of zero, the body. */
  answer(): { statusCode: number; headers: Record<string, string>; body: string } {
    const [head = "", body = ""] = String(Buffer.concat(this.#received)).split("\0".repeat(8));
    return { ...JSON.parse(head), body };
  }
}

/** The runtime's global object. */
export const awslambda = {
  // The handler itself, marked as one that answers by a stream.
  streamifyResponse: (handler: StreamHandler): StreamHandler => handler,
  HttpResponseStream: {
    from(stream: ResponseStream, prelude: object): ResponseStream {
      stream.setContentType("application/vnd.awslambda.http-integration-response");
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(new Uint8Array(8));
      };
      return stream;
    },
  },
};

/** An event of a function URL, or of an HTTP API of the API Gateway. */
export function eventOf(path: string, method = "GET"): LambdaEvent {
  const http = { method, path, protocol: "HTTP/1.1", sourceIp: "127.0.0.1", userAgent: "test" };
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { host: "lambda.example" },
    body: null,
    isBase64Encoded: false,
    requestContext: { http, domainName: "lambda.example" },
  } as unknown as LambdaEvent;
}
