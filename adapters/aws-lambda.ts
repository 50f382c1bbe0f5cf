/**
 * response-then for AWS Lambda with response streaming: the handler waits for the callbacks before it returns.
 *
 * @module
 */
import {
  byteLengthOf,
  type Counted,
  type End,
  expected,
  type FetchHandler,
  type HostSignals,
  READ_ON,
  wrapHandler,
} from "../src/exchange/index.ts";
import { type Callbacks, ResponseThen as CoreResponseThen, type WaitUntil } from "../src/index.ts";

export type { FetchHandler } from "../src/exchange/index.ts";
export * from "../src/index.ts";

/** The used members of the event of a function URL, or of another event in the payload format 2.0. */
export interface LambdaEvent {
  /** The path, percent-encoded. */
  readonly rawPath: string;
  /** The query without its `?`; empty if there is none. */
  readonly rawQueryString: string;
  /** The headers without `cookie`, with their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The cookies, each as `name=value`. */
  readonly cookies?: readonly string[];
  /** The body, if there is one. */
  readonly body?: string | null;
  /** Whether `body` is Base64 of bytes, and not text. */
  readonly isBase64Encoded?: boolean;
  /** The requested domain, for requests without a `host` header, and the method. */
  readonly requestContext: { readonly domainName: string; readonly http: { readonly method: string } };
}

/** The used members of the context of an invocation. */
export interface LambdaContext {
  /** Whether the runtime itself waits until the event loop is empty; not every version does. */
  callbackWaitsForEmptyEventLoop?: boolean;
  /** How much time the invocation has left, in ms. */
  getRemainingTimeInMillis(): number;
}

/** The used members of Lambda's stream for an answer. */
export interface LambdaStream {
  /** Takes a piece. `done` is called when it is flushed, or with the error that prevented that. */
  write(chunk: string | Uint8Array, done: (error?: Error | null) => void): unknown;
  /** Ends the answer. `done` is called when its last byte is flushed. */
  end(done: () => void): unknown;
}

/** A handler that answers through a stream, as Lambda calls it. */
export type LambdaHandler = (event: LambdaEvent, stream: LambdaStream, context: LambdaContext) => Promise<void>;

interface LambdaGlobal {
  streamifyResponse(handler: LambdaHandler): LambdaHandler;
  HttpResponseStream: { from(stream: LambdaStream, head: object): LambdaStream };
}

/** How much of an invocation's time is kept in reserve, in ms. An invocation that runs out of time ends the process. */
const MARGIN = 200;

/**
 * The `ResponseThen` of AWS Lambda: the invocation in which it was built waits for its callbacks. Outside an invocation
 * it works like the plain class.
 *
 * @example
 * ```ts
 * import { type LambdaHandler, ResponseThen, withResponseThen } from "response-then/aws-lambda";
 *
 * const hello = () => new ResponseThen("Hello", (outcome) => console.log(outcome.type));
 * export const handler: LambdaHandler = withResponseThen(hello);
 * ```
 */
export class ResponseThen extends CoreResponseThen {
  /** Makes the invocation's handler return later. Outside an invocation nobody waits. */
  static override readonly waitUntil: WaitUntil = (promise) => invocations?.getStore()?.waitUntil(promise);
}

/**
 * Makes a Lambda handler of a fetch handler, for a function URL with the invoke mode `RESPONSE_STREAM`. It streams the
 * answer of `handler`, and waits for the callbacks before it returns: Lambda then freezes the process. The client has
 * its last byte before that, and does not wait.
 *
 * A response ends when Lambda has its last byte (`observed: "flushed"`). Lambda does not report that a client left: it
 * takes the whole answer all the same, and the response is completed. When the function's time is nearly over, the
 * handler stops waiting. Code that still runs goes on with the next invocation, or never. Set the function's timeout
 * above that of the callbacks.
 *
 * @param handler Gets Lambda's event and context after the request. Its errors are the invocation's.
 * @param callback Runs after every response of the handler, even when the handler throws.
 * @throws {TypeError} for a handler that is no function, and for an invalid callback.
 * @throws {Error} outside Lambda, where there is no global `awslambda`. The returned handler rejects with a `TypeError`
 * for an event of another kind, such as that of a load balancer.
 *
 * @example
 * ```ts
 * import { type LambdaHandler, ResponseThen, withResponseThen } from "response-then/aws-lambda";
 *
 * export const handler: LambdaHandler = withResponseThen(
 *   () => new ResponseThen("Hello", (outcome) => console.log(outcome.type)),
 * );
 * ```
 */
export function withResponseThen(
  handler: FetchHandler<[event: LambdaEvent, context: LambdaContext]>,
  callback?: Callbacks,
): LambdaHandler {
  if (typeof handler !== "function") throw expected("handler", "a fetch function", handler);
  const { awslambda } = globalThis as { awslambda?: LambdaGlobal };
  if (!awslambda) throw new Error(`There is no awslambda: withResponseThen works on AWS Lambda only${READ_ON}`);
  invocations ??= createInvocations();
  const answer = wrapHandler<[invocation: Invocation]>(
    (request, { event, context }) => handler(request, event, context),
    ({ method }, invocation) => invocation.hostOf(method),
    callback,
  );
  return awslambda.streamifyResponse(async (event, stream, context) => {
    const invocation = new Invocation(event, context);
    try {
      const response = await invocations?.run(invocation, answer, toRequest(event), invocation);
      await invocation.send(response as Response, (head) => awslambda.HttpResponseStream.from(stream, head));
    } finally {
      await invocation.settled();
    }
  });
}

/** One invocation of the function, and the promises that it waits for. */
class Invocation {
  readonly event: LambdaEvent;
  readonly context: LambdaContext;
  #pending: Promise<unknown>[] = [];
  #counted: Counted = { bytes: 0, chunks: 0, firstByteTime: undefined };
  #flushed: (end: End) => void = () => {};

  constructor(event: LambdaEvent, context: LambdaContext) {
    this.event = event;
    this.context = context;
  }

  waitUntil(promise: Promise<unknown>): void {
    this.#pending.push(promise.catch(() => {}));
  }

  hostOf(method: string): HostSignals {
    return {
      method,
      waitUntil: this,
      fixedLimit: Number.POSITIVE_INFINITY,
      // Shorter than the default of 5,000 ms, because the time of an invocation is paid for.
      abandonAfter: 1_000,
      flushed: (listener, count) => {
        this.#flushed = (end) => listener(count ? { ...end, counted: this.#counted } : end);
      },
    };
  }

  async send({ status, headers, body }: Response, open: (head: object) => LambdaStream): Promise<void> {
    const { "set-cookie": _, ...plain } = Object.fromEntries(headers);
    const stream = open({ statusCode: status, headers: plain, cookies: headers.getSetCookie() });
    try {
      // The first write sends the head, even if there is no body.
      await write(stream, "");
      // Lambda would send a body also in answer to a HEAD.
      if (this.event.requestContext.http.method === "HEAD") body?.cancel().catch(() => {});
      else {
        for await (const chunk of body ?? []) {
          this.#counted.firstByteTime ??= Date.now();
          this.#counted.bytes += byteLengthOf(chunk);
          this.#counted.chunks++;
          await write(stream, chunk);
        }
      }
      await new Promise<void>((resolve) => stream.end(resolve));
      this.#flushed({ type: "completed", observed: "flushed" });
    } catch (error) {
      this.#flushed({ type: "errored", observed: "flushed", error });
      throw error;
    }
  }

  /** Fulfils when there is nothing left to wait for, or when the time is nearly over. */
  async settled(): Promise<void> {
    const { context } = this;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        context.callbackWaitsForEmptyEventLoop = false;
        resolve();
      }, context.getRemainingTimeInMillis() - MARGIN);
    });
    await Promise.race([late, this.#rest()]);
    clearTimeout(timer);
  }

  async #rest(): Promise<void> {
    while (this.#pending.length > 0) await Promise.all(this.#pending.splice(0));
  }
}

/** The part of `AsyncLocalStorage` that is used. */
interface Invocations {
  getStore(): Invocation | undefined;
  run<T, Args extends readonly unknown[]>(invocation: Invocation, run: (...args: Args) => T, ...args: Args): T;
}

let invocations: Invocations | undefined;

function createInvocations(): Invocations {
  type Process = { getBuiltinModule(id: string): { AsyncLocalStorage: new () => Invocations } };
  const { process } = globalThis as unknown as { process: Process };
  return new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)();
}

/** Writes a piece, and waits until it is flushed, so that nothing is read ahead. */
function write(stream: LambdaStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk, (error) => (error ? reject(error) : resolve()));
  });
}

function toRequest(event: LambdaEvent): Request {
  const { rawPath, rawQueryString, headers, cookies, body, isBase64Encoded, requestContext } = event ?? {};
  if (!requestContext?.http) throw expected("event", "a function URL event (payload format 2.0)", event);
  const { domainName, http } = requestContext;
  // A `Request` with one of these methods must not have a body.
  const text = /^(GET|HEAD)$/.test(http.method) ? undefined : body;
  const query = rawQueryString ? `?${rawQueryString}` : "";
  const request = new Request(`https://${headers.host ?? domainName}${rawPath}${query}`, {
    method: http.method,
    headers: headers as Record<string, string>,
    body: text ? (isBase64Encoded ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : text) : null,
  });
  if (cookies) request.headers.set("cookie", cookies.join("; "));
  return request;
}
