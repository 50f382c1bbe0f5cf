import { areCallbacks, type Callbacks, isStatus } from "./callbacks.ts";
import { type BodyOwner, openBody, watchForAbandonment } from "./carried-body.ts";
import { type ResponseBody, toContent } from "./content.ts";
import { dispatch } from "./dispatch.ts";
import { HANDED_OVER } from "./end.ts";
import { Ending } from "./ending.ts";
import { expected, tagOf } from "./expected.ts";
import { toFixed } from "./fixed-content.ts";
import { takeOff } from "./in-flight.ts";
import { keepState, LateBody, stateOf, stateOfBody, withContent } from "./late-body.ts";
import { type ResponseThenOptions, toSettings } from "./options.ts";
import { keepOrigin } from "./origin.ts";
import type { Outcome } from "./outcome.ts";
import { onBun } from "./runtime.ts";
import { currentScope, joinScope } from "./scope.ts";
import { rememberState, type State } from "./state.ts";
import type { WaitUntil } from "./wait-until.ts";
import { WatchedBody } from "./watched-body.ts";
import { type WriteBody, writtenBody } from "./written-body.ts";

type ResponseInitOf = NonNullable<ConstructorParameters<typeof Response>[1]>;

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
export class ResponseThen extends LateBody {
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
    const settings = toSettings(options, new.target.waitUntil);
    const { waitUntil } = settings;
    const ending = new Ending(callback, settings);
    const scope = currentScope();
    const unwatched = scope?.unwatched;
    const fixed = unwatched && toFixed(body, init?.status, unwatched.limit);
    const none = body === null || body === undefined;
    const [source, contentType, type] = none || fixed !== undefined ? [] : toContent(body, init?.status);
    const watched = source && new WatchedBody(source, type, ending, settings.drainLimits);
    const inner = stateOfBody(source ?? null);
    const owner: BodyOwner = {};
    const stream = watched && openBody(watched, owner, type);
    super(fixed === undefined ? (stream ?? null) : body, init, unwatched?.deferred ? fixed : undefined);
    owner.response = this;
    if (contentType && !this.headers.has("content-type")) this.headers.set("content-type", contentType);
    // Before it is in flight: if the platform throws here, there is no response.
    waitUntil?.(ending.finished);
    takeOff();
    const state: State = { ending, owner, body: watched, stream, fixed, leased: waitUntil !== undefined };
    keepState(this, state);
    if (inner) inner.adopted = true;
    // In a wrapped handler a response without a body ends when the runtime gets it.
    if (!joinScope(state, scope) && none) dispatch(() => ending.end(HANDED_OVER, this));
    // Bun takes headers that nobody has looked at away with what it sends, and the outcome would have none.
    if (onBun && init?.headers !== undefined) void this.headers;
    if (!stream) return;
    rememberState(stream, state);
    ending.head = { status: this.status, statusText: this.statusText, headers: this.headers };
    watchForAbandonment(stream, watched);
  }

  /**
   * Gives a callback to somebody else's response: one from `fetch()`, from a cache, from a framework. Takes over its
   * body, so use the response that comes back instead. Status, headers, `url`, `redirected` and `type` stay, as does
   * what a platform keeps in its responses (Workers' `cf`, `webSocket`, `encodeBody`).
   *
   * @throws {TypeError} for what is no response, and for a response whose body is locked or was read.
   */
  static from(response: Response, callback: Callbacks, options?: ResponseThenOptions): ResponseThen {
    // By its tag, not by instanceof: there may be several classes, such as @hono/node-server's own.
    if (tagOf(response) !== "Response") throw expected("response", "a Response", response);
    // Before the body: on Bun a body once touched takes the content-type away.
    void response.headers;
    return keepOrigin(new this(response.body, callback, response as ResponseInitOf, options ?? {}), response);
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
    return new this(text, second, Response.json(null, init) as ResponseInitOf, init);
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
    return (stateOf(this) as State).ending.finished;
  }

  /**
   * Adds a callback, as the constructor takes it. Callbacks start in the order in which they were added, run
   * concurrently, and none stops another. One that is added after the end runs at once.
   *
   * @throws {TypeError} for a callback that is none.
   */
  onFinished(callback: Callbacks): this {
    (stateOf(this) as State).ending.add(callback);
    return this;
  }

  /** As `Response`'s: a plain `Response` with a body of its own. Reading it never ends the original. */
  override clone(): Response {
    const { body, stream, fixed } = stateOf(this) as State;
    if (fixed !== undefined && !this.bodyUsed && !stream?.locked) return keepOrigin(withContent(fixed, this), this);
    // Without a body there is nothing to share, and a body in use makes the platform throw its own error.
    if (!body || this.bodyUsed || stream?.locked) return keepOrigin(super.clone(), this);
    return keepOrigin(new Response(body.copy(), this), this);
  }
}
