/**
 * response-then for Cloudflare Workers: the class keeps the Worker alive, and `withResponseThen` wraps the Worker.
 *
 * @module
 */
import { waitUntil } from "cloudflare:workers";
import {
  abandonUnread,
  type HostSignals,
  lengthOf,
  openAll,
  READ_ON,
  SMALL,
  signalsOfRequest,
  stampOf,
  type WatchedBody,
  wrapWorker,
} from "../src/exchange/index.ts";
import {
  type Callbacks,
  ResponseThen as CoreResponseThen,
  type ResponseThenInit,
  type ResponseThenOptions,
  type WaitUntil,
  type WaitUntilObject,
} from "../src/index.ts";

export * from "../src/index.ts";

// Globals of the Workers runtime. They are declared here, because JSR does not accept global declarations.
declare class IdentityTransformStream {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly writable: WritableStream<BufferSource>;
}
declare class FixedLengthStream extends IdentityTransformStream {
  constructor(length: number);
}

/** The compatibility flags that this workerd knows, each with whether it is on. */
const flags: { readonly [flag: string]: boolean } =
  (globalThis as { Cloudflare?: { compatibilityFlags?: Record<string, boolean> } }).Cloudflare?.compatibilityFlags ??
  {};

/**
 * Whether a JavaScript stream is canceled when the client leaves. It is since workerd 1.20261015.1
 * (cloudflare/workerd#6832), the first version that knows this flag. A native stream learns of it on every version, but
 * only at its next write.
 */
const cancels = "pipe_to_backward_propagation" in flags;

if (!cancels) openAll(carryLate);

/** How long a response may stay unread, in ms. The runtime waits for 30 s after a request. */
const UNREAD = 25_000;

/**
 * The `ResponseThen` of Cloudflare Workers: the Worker stays alive until the callbacks have settled, and no `ctx` is
 * needed. Build it while a request is handled. At global scope there is nothing to wait for, and the constructor
 * throws.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then/cloudflare";
 *
 * export default {
 *   fetch: () => new ResponseThen("Hello", (outcome) => console.log(outcome.type)),
 * };
 * ```
 */
export class ResponseThen extends CoreResponseThen {
  /** `waitUntil` of `cloudflare:workers`: that of the request that is being handled. */
  static override readonly waitUntil: WaitUntil = keepAlive;

  /**
   * How long a response may stay unread before it counts as abandoned, in ms. The runtime waits for 30 s after a
   * request, so this leaves time for the callbacks.
   */
  static readonly abandonAfter: number = UNREAD;

  /**
   * As in the plain class.
   *
   * @throws {Error} at global scope.
   */
  constructor(
    body: ConstructorParameters<typeof Response>[0],
    callback: Callbacks,
    init?: ResponseThenInit,
    options?: ResponseThenOptions,
  ) {
    leaveGlobalScope();
    super(body, callback, init, options);
    const stamped = stampOf(this);
    if (stamped?.body) abandonUnread(stamped.lifecycle, new.target.abandonAfter);
  }
}

/** A Worker's `fetch`, with whatever types it declares for the request, `env` and `ctx`. */
// biome-ignore lint/suspicious/noExplicitAny: the Worker's own types, which are narrower than the standard's
export type WorkerFetch = (request: any, ...rest: any[]) => Response | Promise<Response>;

/** What a Worker can export as its default: an object with a `fetch` method. */
export interface Handler {
  /** Answers requests. A Worker that is wrapped must have it. */
  fetch?: WorkerFetch;
}

/**
 * Wraps a Worker, or its `fetch` function alone. A watched body goes through a stream of the runtime's own if its
 * length is known, or with the flag `enable_request_signal`. `HEAD` requests and responses without a body end when the
 * runtime gets them.
 *
 * Other handlers of the Worker (`scheduled`, `queue`, …) stay as they are.
 *
 * @param callback Runs after every response of the Worker, even when its handler throws.
 * @throws {TypeError} for a value that is no Worker, for a class such as a `WorkerEntrypoint` (wrap what its `fetch`
 * does), and for an invalid callback.
 *
 * @example
 * ```ts
 * import { ResponseThen, withResponseThen } from "response-then/cloudflare";
 *
 * export default withResponseThen({
 *   fetch: () => new ResponseThen("Hello", (outcome) => console.log(outcome.type)),
 * });
 * ```
 */
export function withResponseThen<T extends Handler | WorkerFetch>(worker: T, callback?: Callbacks): T {
  return wrapWorker(worker, hostOf, callback);
}

let handling = false;

/** Throws our own error at global scope, where the runtime would refuse the body's stream with an error of its own. */
function leaveGlobalScope(): void {
  // Checked once: the global scope runs before the first request, and never again.
  if (!handling) keepAlive(Promise.resolve());
  handling = true;
}

function keepAlive(promise: Promise<unknown>): void {
  try {
    waitUntil(promise);
  } catch (cause) {
    throw new Error(`ResponseThen was built at global scope: build it while a request is handled${READ_ON}`, { cause });
  }
}

/** Uses the `waitUntil` of the `ctx` that the handler was given, because tests wait for that one. */
function hostOf(request: Request, ...[, ctx]: readonly unknown[]): HostSignals {
  const own = ctx as Partial<WaitUntilObject> | undefined;
  return {
    method: request.method,
    waitUntil: typeof own?.waitUntil === "function" ? (own as WaitUntilObject) : waitUntil,
    fixedLimit: SMALL,
    readWithin: UNREAD,
    // The signal aborts only with the flag enable_request_signal, and if the client left.
    ...signalsOfRequest(request),
    carry: (body) => carry(body, request),
  };
}

function carry(body: WatchedBody, { signal }: Request): ReadableStream | undefined {
  const { source } = body;
  const length = source instanceof Uint8Array ? source.byteLength : lengthOf(source as ReadableStream);
  // Only a native stream can have a length. Without one a JavaScript stream is better, because it learns sooner that
  // the client left.
  if (!flags.enable_request_signal)
    return length === undefined ? undefined : carryLate(body, new FixedLengthStream(length));
  // The signal tells at once that the client left, even while the source is idle.
  const onAbort = () => cancel(body, signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  const stream = length === undefined ? undefined : new FixedLengthStream(length);
  return carryLate(body, stream, () => signal.removeEventListener("abort", onAbort));
}

/**
 * Copies a body from the moment when somebody locks the stream that it goes to. Nothing else shows that the stream is
 * read.
 *
 * @param copied Called when all of it was copied, or that has failed.
 */
function carryLate(
  body: WatchedBody,
  { readable, writable }: IdentityTransformStream = new IdentityTransformStream(),
  copied: () => void = () => {},
): ReadableStream {
  const writer = writable.getWriter();
  writer.closed.catch((reason) => {
    if (body.untouched) cancel(body, reason);
  });
  const wait = (ms: number) => {
    // The body was carried otherwise, or released. A read of this stream must fail, or it would never settle.
    if (!body.untouched) writer.abort(new Error(`The body was released unread${READ_ON}`)).catch(() => {});
    else if (readable.locked) waitUntil(copy(body, writer).then(copied));
    else setTimeout(() => wait(Math.min(2 * ms, 50)), ms);
  };
  setTimeout(() => wait(1), 0);
  return readable;
}

function cancel(body: WatchedBody, reason: unknown): void {
  body.cancel(reason)?.catch(() => {});
}

/** Copies a body to a writer. Never rejects. */
async function copy(body: WatchedBody, writer: WritableStreamDefaultWriter<BufferSource>): Promise<void> {
  writer.closed.catch((reason) => cancel(body, reason));
  try {
    for (let next = await body.next(); next; next = await body.next()) {
      if (next.done) {
        await writer.close();
        // Waits one macrotask more: `close()` settles before workerd 1.20261023.1 has written the last bytes, and a
        // callback that blocks would hold them back.
        await new Promise((resolve) => setTimeout(resolve, 0));
        return body.complete();
      }
      const { value } = next;
      body.handed(value);
      await writer.write((typeof value === "string" ? new TextEncoder().encode(value) : value) as BufferSource);
    }
  } catch (error) {
    cancel(body, error);
    await writer.abort(error).catch(() => {});
  }
}
