// Class ResponseThen: joins the modules below.

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
import { onBun, onDeno } from "./runtime.ts";

/** What `Response` takes, and how the callbacks are to be run. */
export type ResponseThenInit = ResponseInitOf & ResponseThenOptions;

/**
 * A `Response` that runs a callback exactly once after it has ended, and tells it how it ended.
 *
 * The response ends when its body has been read to the end, when its reader cancels it (the client left), or when the
 * body's source fails; a response without a body ends a macrotask after it was built. The callback runs a macrotask
 * later, in the async context in which it was registered, and never on the way to the client. It is at most once: a
 * process that dies takes its callbacks with it.
 *
 * Everything else is as on the plain `Response`, but for one thing that wrapping makes impossible: `response.body` is
 * not the very stream that was given.
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
  /** On Deno, which takes a fixed body apart where another response is made of it. */
  #stream: ReadableStream | undefined;
  /** Whether nobody else can read its source. */
  #taken = false;

  /**
   * The `waitUntil` used where `init` brings none. Adapters set it to their platform's; here it is `undefined`.
   */
  static readonly waitUntil: WaitUntil | undefined = undefined;

  /**
   * Throws at the call what is wrong with its arguments, and takes a platform's `waitUntil` before it returns.
   *
   * @param body As `Response` takes it. A stream is neither locked nor read before the response is read.
   * @param callback A function, an object with a function per outcome, or an array of these.
   * @param init As `Response` takes it; may also carry the options.
   * @param options The options, where `init` cannot carry them because it is somebody else's `Response`.
   * @throws {TypeError} for a callback that is none, an option of the wrong type, a stream that is locked or was read,
   * a body with a status that has none, and whatever `Response` throws for.
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
    const fixed = handling && toFixed(body, handling.fixedLimit);
    const none = body === null || body === undefined;
    const [source, contentType, type] = none || fixed !== undefined ? [] : toContent(body);
    const watched = source && new WatchedBody(source, type, lifecycle, settings.consumeLimits);
    const stream = watched && openStream(watched);
    const given = contentType ?? ((fixed instanceof Blob && fixed.type) || null);
    super(stream ?? fixed ?? null, given ? withContentType(init, given) : init);
    // Around a response as init, which may keep more in it than can be copied.
    if (given && isResponse(init) && !this.headers.has("content-type")) this.headers.set("content-type", given);
    watched?.sentBy(this);
    lifecycle.track();
    stamp(this, lifecycle, watched);
    // Of another one of ours, whose body nobody watches: it ends as what is made of it.
    const inner = stampOf(watched?.source);
    if (inner && !inner.body) lifecycle.dispatched.then((outcome) => inner.lifecycle.follow(outcome));
    const held = handling?.list(lifecycle);
    if (watched && stream) {
      // Not before: where the constructor throws, the source stays the application's, and nobody is told.
      guardStream(stream, watched, lifecycle);
      lifecycle.facts.setHead({ status: this.status, statusText: init?.statusText ?? "", headers: this.headers });
    } else {
      lifecycle.facts.setUnwatched(this, fixed);
      // In a wrapped handler a response without a body ends when the runtime gets it.
      if (!held) nextMacrotask(() => lifecycle.end(HANDED_OVER, this));
    }
    // Bun takes headers that nobody has looked at away with what it sends, and the outcome would have none.
    if (onBun && init?.headers !== undefined) void this.headers;
  }

  /**
   * Gives a callback to somebody else's response: one from `fetch()`, from a cache, from a framework. Takes over its
   * body, so use the response that comes back instead. Status, headers, `url`, `redirected` and `type` stay, as does
   * what a platform keeps in its responses (Workers' `cf`, `webSocket`, `encodeBody`).
   *
   * @throws {TypeError} for what is no response, and for a response whose body is locked or was read.
   */
  static from(response: Response, callback: Callbacks, options?: ResponseThenOptions): ResponseThen {
    if (!isResponse(response)) throw expected("response", "a Response", response);
    // Before the body: on Bun a body once touched takes the content-type away.
    void response.headers;
    const own = new this(response.body, callback, toInit(response), options ?? {});
    stampOf(own)?.body?.takeOver();
    own.#taken = true;
    return keepOrigin(own, response);
  }

  /** `Response.json` without a callback. */
  static override json(data: unknown, init?: ResponseInitOf): Response;
  /** `Response.json`, with a callback. */
  static override json(data: unknown, callback: Callbacks, init?: ResponseThenInit): ResponseThen;
  static override json(data: unknown, second?: Callbacks | ResponseInitOf, init?: ResponseThenInit): Response {
    if (!areCallbacks(second)) return Response.json(data, second);
    const text = JSON.stringify(data);
    // What JSON cannot say (undefined, a function) makes the platform throw its own error.
    if (text === undefined) return Response.json(data);
    return new this(text, second, toInit(Response.json(null, init)), init);
  }

  /** `Response.redirect` without a callback. */
  static override redirect(url: string | URL, status?: Parameters<typeof Response.redirect>[1] | number): Response;
  /** `Response.redirect`, with a callback. */
  static override redirect(url: string | URL, callback: Callbacks, status?: number): ResponseThen;
  static override redirect(url: string | URL, second?: Callbacks | number, status = 302): Response {
    if (isStatus(second)) return Response.redirect(url, second);
    return this.from(Response.redirect(url, status), second);
  }

  /**
   * A response whose body a function writes. The function is called when the body is first read, once, and the body
   * ends with it; a response that is never read never calls it. See {@linkcode WriteBody}.
   *
   * @throws {TypeError} for what is no function, and as the constructor does.
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
   * Fulfils with the outcome when the response has ended and its callbacks have settled; never rejects. Waiting for it
   * in the handler that returns the response is a deadlock.
   */
  get finished(): Promise<Outcome> {
    return (lifecycleOf(this) as Lifecycle).finished;
  }

  /**
   * Adds a callback, as the constructor takes it. Callbacks start in the order in which they were added, run
   * concurrently, and none stops another. One that is added after the end runs at once.
   *
   * @throws {TypeError} for a callback that is none.
   */
  onFinished(callback: Callbacks): this {
    (lifecycleOf(this) as Lifecycle).add(callback);
    return this;
  }

  /** As `Response`'s. */
  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const body = super.body as ReadableStream<Uint8Array<ArrayBuffer>> | null;
    const lifecycle = lifecycleOf(this);
    if (!body || !lifecycle) return body;
    lifecycle.ask();
    if (lifecycle.facts.content === undefined) return body;
    // What a middleware makes of it is found by it: new Response(response.body, response).
    if (!onDeno) stamp(body, lifecycle);
    else if (!this.#stream) {
      const watched = new WatchedBody(body, kindOf(body), lifecycle);
      watched.sentBy(this);
      this.#stream = openStream(watched);
    }
    return (this.#stream ?? body) as typeof body;
  }

  /** As `Response`'s; of a source that somebody else has locked it is `true`, for then it is not known. */
  override get bodyUsed(): boolean {
    const watched = stampOf(this)?.body;
    return super.bodyUsed || (!this.#taken && watched?.untouched === true && isUsed(watched.source));
  }

  /** As `Response`'s. */
  override async blob(): Promise<Blob> {
    const blob = await super.blob();
    // Bun tells no type of a stream.
    return onBun ? new Blob([blob], { type: this.headers.get("content-type") ?? "" }) : blob;
  }

  /** As `Response`'s: a plain `Response` with a body of its own. Reading it never ends the original. */
  override clone(): Response {
    return cloneOf(this, Object.getPrototypeOf(ResponseThen.prototype));
  }
}
