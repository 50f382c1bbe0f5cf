// Defines `ResponseThen`: a `Response` that watches its body, and reports its end to a lifecycle, which runs callbacks.

import { chooseBase } from "./base.ts";
import { checkBody, isUsed, kindOf, type ResponseBody, toContent, toFixed } from "./body/content.ts";
import { lifecycleOf, stamp, stampOf } from "./body/stamp.ts";
import { WatchedBody } from "./body/watched-body.ts";
import { guardStream, openStream } from "./body/watched-stream.ts";
import { type WriteBody, writtenBody } from "./body/written-body.ts";
import { cloneOf, keepOrigin } from "./clone.ts";
import { currentHandling } from "./exchange/current.ts";
import { expected } from "./expected.ts";
import { isResponse, type ResponseInitOf, toInit, withContentType } from "./init.ts";
import { areCallbacks, type Callbacks, isStatus } from "./lifecycle/callbacks.ts";
import { Lifecycle } from "./lifecycle/lifecycle.ts";
import { type ResponseThenOptions, toSettings, type WaitUntil } from "./lifecycle/options.ts";
import { HANDED_OVER, type Outcome } from "./lifecycle/outcome.ts";
import { nextMacrotask } from "./lifecycle/process.ts";
import { redirectTo } from "./redirect.ts";
import { onBun, onDeno } from "./runtime.ts";

/** The init of `Response`, and the options for how the callbacks are run. */
export type ResponseThenInit = ResponseInitOf & ResponseThenOptions;

/**
 * A `Response` that runs a callback exactly once after it has ended, and tells it how it ended.
 *
 * The response ends when its body has been read to the end, when its reader cancels it (the client left), or when the
 * body's source fails. A response without a body ends a macrotask after it was built. The callback runs a macrotask
 * later, in the async context in which it was registered. It never delays the response. It runs at most once: if the
 * process dies first, the callback never runs.
 *
 * Otherwise it behaves as the plain `Response`, except that `response.body` is not the stream that was passed in, and
 * that a server sends a watched fixed body as a stream, without its length.
 *
 * @example
 * ```ts
 * import { ResponseThen } from "response-then";
 *
 * export default {
 *   fetch: () => new ResponseThen("Hello", (outcome) => console.log(outcome.type, outcome.bytes)),
 * };
 * ```
 */
export class ResponseThen extends Response {
  /**
   * Only on Deno: the stream around a fixed body. When another response is made of the body itself, Deno passes on its
   * bytes, and what is stamped on the stream is lost.
   */
  #stream: ReadableStream | undefined;
  /** Whether the source is locked, so that nobody else can read it. */
  #taken = false;

  /**
   * The `waitUntil` that is used if the options have none. Adapters set it to that of their platform; here it is
   * `undefined`.
   */
  static readonly waitUntil: WaitUntil | undefined = undefined;

  /**
   * Throws at the call if an argument is wrong, and calls a platform's `waitUntil` before it returns.
   *
   * @param body As for `Response`. A stream is neither locked nor read before the response is read.
   * @param callback A function, an object with a function per outcome, or an array of these.
   * @param init As for `Response`; it may also carry the options.
   * @param options The options, if `init` cannot carry them because it is somebody else's `Response`.
   * @throws {TypeError} for an invalid callback, an option of the wrong type, a stream that is locked or was read, a
   * body with a status that has none, and whatever `Response` throws for.
   * @throws {RangeError} for a limit that is negative or not a number, and for a status out of range.
   */
  constructor(
    body: ResponseBody,
    callback: Callbacks,
    init?: ResponseThenInit,
    options: ResponseThenOptions | undefined = init,
  ) {
    chooseBase(ResponseThen);
    const settings = toSettings(options, new.target.waitUntil);
    const lifecycle = new Lifecycle(callback, settings);
    checkBody(body, init?.status);
    const handling = currentHandling();
    const { capture } = settings;
    // What is captured is watched, whoever sends it.
    const fixed = handling && capture === undefined ? toFixed(body, handling.fixedLimit) : undefined;
    const none = body === null || body === undefined;
    const [source, contentType, type] = none || fixed !== undefined ? [] : toContent(body);
    const watched = source && new WatchedBody(source, type, lifecycle, settings.consumeLimits);
    const stream = watched && openStream(watched);
    const given = contentType ?? ((fixed instanceof Blob && fixed.type) || null);
    super(stream ?? fixed ?? null, given ? withContentType(init, given) : init);
    // An init that is a response was passed on as it is, because it may keep more than can be copied. It may lack the
    // content-type.
    if (given && isResponse(init) && !this.headers.has("content-type")) this.headers.set("content-type", given);
    watched?.sentBy(this);
    if (capture !== undefined) lifecycle.facts.capture(capture);
    lifecycle.track();
    stamp(this, lifecycle, watched);
    // The source may be the body of another `ResponseThen` that nobody watches. That one ends as this one does.
    const inner = stampOf(watched?.source);
    if (inner && !inner.body) lifecycle.dispatched.then((outcome) => inner.lifecycle.follow(outcome));
    const held = handling?.list(lifecycle);
    if (watched && stream) {
      // Only after `super()`: if the constructor throws, the source stays the application's, and no callback runs.
      guardStream(stream, watched, lifecycle);
      lifecycle.facts.setHead({ status: this.status, statusText: init?.statusText ?? "", headers: this.headers });
    } else {
      lifecycle.facts.setUnwatched(this, fixed);
      // In a wrapped handler a response without a body ends when the runtime gets it.
      if (!held) nextMacrotask(() => lifecycle.end(HANDED_OVER, this));
    }
    // Bun moves headers that nobody has read into what it sends, and the outcome would have none.
    if (onBun && init?.headers !== undefined) void this.headers;
  }

  /**
   * Adds a callback to somebody else's response: one from `fetch()`, from a cache, or from a framework. It takes over
   * the body, so use the returned response instead. Status, headers, `url`, `redirected` and `type` stay the same. So
   * does what a platform keeps in its responses (Workers' `cf`, `webSocket`, `encodeBody`).
   *
   * @throws {TypeError} for a value that is no response, and for a response whose body is locked or was read.
   */
  static from(response: Response, callback: Callbacks, options?: ResponseThenOptions): ResponseThen {
    if (!isResponse(response)) throw expected("response", "a Response", response);
    // The headers are read before the body: on Bun, access to `body` removes the content-type.
    void response.headers;
    const own = new this(response.body, callback, toInit(response), options ?? {});
    stampOf(own)?.body?.takeOver();
    own.#taken = true;
    return keepOrigin(own, response);
  }

  /** As `Response.json`, without a callback. */
  static override json(data: unknown, init?: ResponseInitOf): Response;
  /** As `Response.json`, with a callback. */
  static override json(data: unknown, callback: Callbacks, init?: ResponseThenInit): ResponseThen;
  static override json(data: unknown, second?: Callbacks | ResponseInitOf, init?: ResponseThenInit): Response {
    if (!areCallbacks(second)) return Response.json(data, second);
    const text = JSON.stringify(data);
    // JSON has no text for `undefined` or a function. The platform throws its own error for them.
    if (text === undefined) return Response.json(data);
    return new this(text, second, toInit(Response.json(null, init)), init);
  }

  /** As `Response.redirect`, without a callback. */
  static override redirect(url: string | URL, status?: Parameters<typeof Response.redirect>[1] | number): Response;
  /** As `Response.redirect`, with a callback. A relative `url` is allowed on every runtime. */
  static override redirect(url: string | URL, callback: Callbacks, status?: number): ResponseThen;
  static override redirect(url: string | URL, second?: Callbacks | number, status = 302): Response {
    if (isStatus(second)) return Response.redirect(url, second);
    return this.from(redirectTo(url, status), second);
  }

  /**
   * Makes a response whose body a function writes. The function is called once, when the body is first read, and the
   * body ends when the function has finished. If the response is never read, the function is never called. See
   * {@linkcode WriteBody}.
   *
   * @throws {TypeError} if `write` is no function, and as the constructor does.
   *
   * @example
   * ```ts
   * import { ResponseThen } from "response-then";
   *
   * const answer = () => ResponseThen.stream((writer) => writer.write("Hello"), ({ type }) => console.log(type));
   * ```
   */
  static stream(write: WriteBody, callback: Callbacks, init?: ResponseThenInit): ResponseThen {
    return new this(writtenBody(write), callback, init);
  }

  /**
   * Fulfils with the outcome when the response has ended and its callbacks have settled or timed out. Never rejects. Do
   * not await it in the handler that returns the response: that is a deadlock.
   */
  get finished(): Promise<Outcome> {
    return (lifecycleOf(this) as Lifecycle).finished;
  }

  /**
   * Adds a callback, in any form that the constructor takes. Callbacks start in the order in which they were added, run
   * concurrently, and none stops another. One that is added after they started runs at once.
   *
   * @throws {TypeError} for an invalid callback.
   */
  onFinished(callback: Callbacks): this {
    (lifecycleOf(this) as Lifecycle).add(callback);
    return this;
  }

  /** As on `Response`. */
  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const body = super.body as ReadableStream<Uint8Array<ArrayBuffer>> | null;
    const lifecycle = lifecycleOf(this);
    if (!body || !lifecycle) return body;
    lifecycle.ask();
    if (lifecycle.facts.content === undefined) return body;
    // The stamp connects this response with one that a middleware makes: new Response(response.body, response).
    if (!onDeno) stamp(body, lifecycle);
    else if (!this.#stream) {
      const watched = new WatchedBody(body, kindOf(body), lifecycle);
      watched.sentBy(this);
      this.#stream = openStream(watched);
    }
    return (this.#stream ?? body) as typeof body;
  }

  /**
   * As on `Response`. It is also `true` while somebody else has locked the source, because it is then unknown whether
   * it was read.
   */
  override get bodyUsed(): boolean {
    const watched = stampOf(this)?.body;
    return super.bodyUsed || (!this.#taken && watched?.untouched === true && isUsed(watched.source));
  }

  /** As on `Response`. */
  override async blob(): Promise<Blob> {
    const blob = await super.blob();
    // On Bun the blob of a stream has no type.
    return onBun ? new Blob([blob], { type: this.headers.get("content-type") ?? "" }) : blob;
  }

  /** As on `Response`: returns a plain `Response` with a body of its own. Reading that never ends the original. */
  override clone(): Response {
    return cloneOf(this, Object.getPrototypeOf(ResponseThen.prototype));
  }
}
