import { openBody, watchForAbandonment } from "./carried-body.ts";
import { kindOf, type ResponseBody, toContent } from "./content.ts";
import type { FixedContent } from "./fixed-content.ts";
import { onBun } from "./runtime.ts";
import { rememberState, type State, stateBy } from "./state.ts";
import { WatchedBody } from "./watched-body.ts";

type Init = ConstructorParameters<typeof Response>[1];

// @hono/node-server puts another in its place, which reads no stream by the methods of this one.
const NativeResponse = Response;

let get: (response: LateBody) => State | undefined;
let set: (response: LateBody, state: State) => void;
let answer: (response: LateBody, content: FixedContent) => Response | undefined;

/**
 * A `Response` that may get its body late. While a request is handled, a fixed body is not watched until somebody asks
 * for it; and where the response is *deferred* it is not even built, because the server is given another one anyway.
 */
export class LateBody extends Response {
  #state: State | undefined;
  readonly #content: FixedContent | undefined;
  /** What to answer with, while the headers are as they were given. */
  #init: Init;
  #headersSeen = false;
  /** The response that has the body, when somebody asks for it after all. */
  #inner: Response | undefined;

  static {
    get = (response) => (#state in response ? response.#state : undefined);
    set = (response, state) => {
      response.#state = state;
    };
    answer = (response, content) =>
      response.#content === undefined
        ? undefined
        : response.#headersSeen
          ? withContent(content, response)
          : new Response(content, response.#init);
    for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"] as const) {
      const read = Response.prototype[name] as (() => Promise<never>) | undefined;
      // Node 20 has no bytes().
      if (read)
        LateBody.prototype[name] = async function (this: LateBody) {
          return read.call(this.#whole());
        };
    }
  }

  /** @param deferred The content that `body` is, where the response is built without it. */
  constructor(body: ResponseBody, init: Init, deferred: FixedContent | undefined) {
    super(deferred === undefined ? body : null, init);
    this.#content = deferred;
    if (deferred === undefined || !init) return;
    const { status, statusText, headers } = init as ResponseInit;
    // Headers of another kind may change until they are sent.
    if (headers && Object.getPrototypeOf(headers) !== Object.prototype) void this.headers;
    else this.#init = { status, statusText, headers: headers && { ...headers } } as ResponseInit;
  }

  /** As `Response`'s. */
  override get headers(): Headers {
    const headers = super.headers;
    if (this.#content === undefined || this.#headersSeen) return headers;
    this.#headersSeen = true;
    const type = new Response(this.#content).headers.get("content-type");
    if (type !== null && !headers.has("content-type")) headers.set("content-type", type);
    return headers;
  }

  /** As `Response`'s. */
  override get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    const state = this.#state;
    if (state) state.asked = true;
    if (this.#content !== undefined) return this.#withBody().body as ReadableStream<Uint8Array<ArrayBuffer>>;
    if (state?.fixed !== undefined && !state.stream) watchLate(state, super.body as ReadableStream);
    return (state?.stream ?? super.body) as ReadableStream<Uint8Array<ArrayBuffer>> | null;
  }

  /** As `Response`'s; `ResponseThen` has its own for a body that nobody asked for. */
  override clone(): Response {
    const whole = this.#whole();
    return whole === this ? super.clone() : whole.clone();
  }

  /** As `Response`'s. */
  override get bodyUsed(): boolean {
    return this.#content === undefined ? super.bodyUsed : (this.#inner?.bodyUsed ?? false);
  }

  /** The response that has the body as its readers see it. */
  #whole(): Response {
    if (this.#content !== undefined) return this.#withBody();
    if (this.#state?.fixed === undefined || !this.#state.stream) return this;
    this.#inner ??= new NativeResponse(this.#state.stream, this);
    return this.#inner;
  }

  #withBody(): Response {
    this.#inner ??= new NativeResponse(watchLate(this.#state as State, this.#content as FixedContent), this);
    return this.#inner;
  }
}

/** Gives a response its state, once. */
export function keepState(response: LateBody, state: State): void {
  set(response, state);
}

/** Finds the state of a response of ours, or of one that is sent in its place. */
export function stateOf(response: Response): State | undefined {
  return get(response as LateBody) ?? stateBy(response);
}

/** Finds the state of a response by its body, as after `new Response(response.body, response)`. */
export { stateBy as stateOfBody } from "./state.ts";

/** The response to send for a deferred one: a plain one with its content. */
export function answerFor(response: Response, content: FixedContent): Response | undefined {
  return get(response as LateBody) && answer(response as LateBody, content);
}

/** A response with this content and the head of another; a content-type that was taken away stays away. */
export function withContent(content: FixedContent, head: Response): Response {
  const response = new Response(content, head);
  // (On Bun that of a string is not to be seen before it is sent.)
  if (!onBun && !head.headers.has("content-type")) response.headers.delete("content-type");
  return response;
}

/** From now on the body is watched after all. */
function watchLate(state: State, from: FixedContent | ReadableStream): ReadableStream {
  const [source, , type] = from instanceof ReadableStream ? [from, null, kindOf(from)] : toContent(from, undefined);
  state.body = new WatchedBody(source, type, state.ending);
  state.stream = openBody(state.body, state.owner, type);
  rememberState(state.stream, state);
  const { response } = state.owner;
  if (response)
    state.ending.head = { status: response.status, statusText: response.statusText, headers: response.headers };
  watchForAbandonment(state.stream, state.body);
  return state.stream;
}
