// One request, answered: the pattern that adapters share. Whoever hands a response over claims it, wherever it was built.
import { byteLengthOf } from "../body/content.ts";
import { stamp } from "../body/stamp.ts";
import { expected, READ_ON, tagOf } from "../expected.ts";
import type { Callbacks } from "../lifecycle/callbacks.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import { toWaitUntil } from "../lifecycle/options.ts";
import { abandoned, type End, type Outcome, type RequestFacts, toReason } from "../lifecycle/outcome.ts";
import { listening, nextMacrotask } from "../lifecycle/process.ts";
import { onBun } from "../runtime.ts";
import { CallbacksForAll, NO_CALLBACKS } from "./callbacks-for-all.ts";
import { type Handling, runIn } from "./current.ts";
import { find, sendOwn, sendPlain } from "./hand-over.ts";
import type { HostSignals } from "./host-signals.ts";
import { lookAt } from "./look.ts";

/** How long what was not sent may still find a reader, in ms. */
const ABANDON = 5_000;

/** From how many listed responses on those that were read in the handler are not kept until it answers. */
const MANY = 100;

/** The handling of one request: its facts, its host's signals, what was built meanwhile, and the callbacks for all. */
export class Exchange implements Handling {
  readonly #host: HostSignals;
  readonly #asked: Request | undefined;
  readonly #request: RequestFacts | undefined;
  #shared: CallbacksForAll[];
  #listed: Lifecycle[] = [];
  #many = MANY;
  #answered = false;
  #pending = false;
  #told = false;
  #abandons = false;
  #sent: Lifecycle | undefined;
  #error: unknown;

  /** Make it when the request comes: some runtimes take a request away after its response. */
  constructor(host: HostSignals, request: Request | undefined, shared: readonly CallbacksForAll[] = []) {
    this.#host = host;
    this.#asked = request;
    // Where somebody listens: to look at a request's `url` costs.
    this.#request = request && listening() ? { method: request.method, url: request.url } : undefined;
    this.#shared = this.#request && shared.length === 0 ? [NO_CALLBACKS] : [...shared];
  }

  get open(): boolean {
    return !(this.#answered && (this.#sent?.told ?? true));
  }

  get fixedLimit(): number {
    return this.#answered ? -1 : (this.#host.fixedLimit ?? -1);
  }

  answers(request: Request): boolean {
    const asked = this.#asked;
    return request === asked || (request.method === asked?.method && request.url === asked.url);
  }

  failed(error: unknown): void {
    this.#error = error;
  }

  /** Runs a handler for it. */
  run<T, Args extends readonly unknown[]>(handler: (...args: Args) => T, ...args: Args): T {
    return runIn(this, handler, ...args);
  }

  add(callbacks: CallbacksForAll): void {
    this.#shared.push(callbacks);
    this.#watchClient();
  }

  list(lifecycle: Lifecycle): boolean {
    if (this.#answered) this.#abandonAfter(this.#sent as Lifecycle);
    else lifecycle.hold();
    if (this.#listed.push(lifecycle) >= this.#many) {
      this.#listed = this.#listed.filter((listed) => !(listed.claimed || listed.endConsumed(byteLengthOf)));
      this.#many = Math.max(MANY, 2 * this.#listed.length);
    }
    this.#watchClient();
    return !this.#answered;
  }

  /** The handler did not answer at once. */
  wait(): void {
    this.#pending = true;
    if (this.#shared.length > 0 || this.#listed.length > 0) this.#watchClient();
  }

  /** A platform may stop the handler when the client leaves, and the callbacks would never run. */
  keepAlive(answering: Promise<unknown>): void {
    const { waitUntil } = this.#host;
    if (this.#shared.length > 0 && waitUntil) toWaitUntil(waitUntil)(answering.catch(() => {}));
  }

  /**
   * The request is answered, and the runtime gets `response` now. Returns what to send instead; most often the same.
   */
  handOver(response: Response): Response {
    this.#answered = true;
    const found = find(response);
    // What has been told already, or is sent a second time, is as a plain response.
    const own = found && !found.lifecycle.told && !found.lifecycle.claimed ? found : undefined;
    own?.lifecycle.claim(this.#request);
    const read = this.#close(own?.lifecycle, response);
    const [first] = this.#shared;
    if (!own && !first && this.#listed.length + read.length === 0) return response;
    const { waitUntil } = this.#host;
    const settings = (first ?? NO_CALLBACKS).settings(waitUntil);
    const lifecycle = own?.lifecycle ?? this.#begin(settings);
    this.#sent = lifecycle;
    if (own) this.#keepAlive(lifecycle);
    if (!this.#told) for (const each of this.#shared) each.addTo(lifecycle);
    this.#told = true;
    if (own?.copy) own.body?.mute();
    const sent =
      own && !own.copy
        ? sendOwn(response, own, this.#host)
        : sendPlain(response, lifecycle, this.#host, settings.consumeLimits);
    // Bun takes headers that nobody has looked at away with what it sends, and the outcome would have none.
    if (onBun) void sent.headers;
    stamp(sent, lifecycle, own?.copy ? undefined : own?.body);
    const follow = (outcome: Outcome) => {
      for (const each of read) each.follow(outcome);
    };
    if (read.length > 0) lifecycle.dispatched.then(follow);
    if (this.#listed.length > 0) this.#abandonAfter(lifecycle);
    return sent;
  }

  /** Tells of what the handler threw. */
  fail(error: unknown): void {
    this.#answered = true;
    const gone = this.#host.gone?.();
    const end: End =
      gone === undefined
        ? { type: "errored", observed: "handed-over", error }
        : { type: "canceled", observed: "handed-over", reason: toReason(gone) };
    this.#sent?.end(end);
    this.#tell(end);
  }

  /** There is no response, as when a request of Bun became a WebSocket. */
  none(): void {
    this.#answered = true;
    for (const read of this.#close(undefined, undefined)) read.endConsumed(byteLengthOf);
    this.#abandonLater();
  }

  #begin(settings: ConstructorParameters<typeof Lifecycle>[1]): Lifecycle {
    const lifecycle = new Lifecycle([], settings);
    lifecycle.track();
    lifecycle.claim(this.#request);
    return lifecycle;
  }

  #keepAlive(lifecycle: Lifecycle): void {
    const { waitUntil } = this.#host;
    if (waitUntil) lifecycle.keepAlive(toWaitUntil(waitUntil));
  }

  /** Tells the callbacks of an exchange that sends nothing, and what was built for it and not sent. */
  #tell(end: End): void {
    this.#drop(end);
    const [first] = this.#shared;
    if (this.#told || !first) return;
    this.#told = true;
    const lifecycle = this.#begin(first.settings(this.#host.waitUntil));
    for (const each of this.#shared) each.addTo(lifecycle);
    lifecycle.end(end, new Response(null, { status: 500 }));
  }

  /** Ends what was built, unless another request claims it now, as one that was only woken by this one does. */
  #drop(end: End): void {
    const dropped = this.#leave();
    for (const lifecycle of dropped) this.#keepAlive(lifecycle);
    if (dropped.length === 0) return;
    nextMacrotask(() => {
      for (const lifecycle of dropped) {
        if (!lifecycle.claimed) lifecycle.end(end);
        lifecycle.letGo();
      }
    });
  }

  /** What was built; what its context leads to from now on must not lead to it. */
  #leave(): Lifecycle[] {
    const listed = this.#listed;
    this.#listed = [];
    return listed;
  }

  /**
   * Sorts what was built, and is not what is sent. Of what stays listed another request may send it, or somebody may
   * read it, so it is told later.
   *
   * @returns What was read or is being piped: it went into what is sent, and ends as that ends.
   */
  #close(own: Lifecycle | undefined, sent: Response | undefined): Lifecycle[] {
    if (this.#listed.length === 0) return this.#listed;
    if (this.#error !== undefined) this.#drop({ type: "errored", observed: "handed-over", error: this.#error });
    const read: Lifecycle[] = [];
    for (const lifecycle of this.#leave()) {
      // What is not sent has callbacks too.
      this.#keepAlive(lifecycle);
      if (lifecycle !== own && !lifecycle.claimed && !lifecycle.told) {
        if (lifecycle.consumed || (sent && !own && this.#isMadeOf(sent, lifecycle))) {
          read.push(lifecycle);
          continue;
        }
        this.#listed.push(lifecycle);
      }
      lifecycle.letGo();
    }
    return read;
  }

  /** As `new Response(null, response)`, which frameworks answer a HEAD with: no body to find it by. */
  #isMadeOf(sent: Response, lifecycle: Lifecycle): boolean {
    const head = this.#host.method === "HEAD";
    if (!(head || lifecycle.bodiless) || !lifecycle.isHeadOf(sent)) return false;
    const { stream, bytes } = lookAt(sent);
    if (stream || bytes !== 0) return false;
    lifecycle.release(new Error("Nobody reads the body of this response"));
    return true;
  }

  #abandonAfter(sent: Lifecycle): void {
    if (this.#abandons) return;
    this.#abandons = true;
    sent.dispatched.then(() => this.#abandonLater());
  }

  /** Tells of what was not sent, and leaves its body to whoever may still read it. */
  #abandonLater(): void {
    const { abandonAfter = ABANDON } = this.#host;
    const rest = this.#leave();
    if (rest.length === 0) return;
    setTimeout(() => {
      const reason = abandoned(`It was not sent, and nobody began to read it within ${abandonAfter} ms${READ_ON}`);
      for (const lifecycle of rest) {
        if (!lifecycle.claimed && !lifecycle.endConsumed(byteLengthOf) && !lifecycle.begun)
          lifecycle.end({ type: "canceled", observed: "handed-over", reason, released: false });
      }
    }, abandonAfter);
  }

  /** A handler may never settle when its client has left. */
  #watchClient(): void {
    if (!this.#pending || this.#answered) return;
    this.#pending = false;
    this.#host.left?.(() => {
      const giveUp = () => {
        if (this.#answered) return;
        this.#tell({ type: "canceled", observed: "handed-over", reason: toReason(this.#host.gone?.()) });
      };
      if (!this.#answered) setTimeout(giveUp, this.#host.abandonAfter ?? ABANDON);
    });
  }
}

/** A function that answers requests; platforms give it further arguments (`env`, `ctx`, `info`). */
export type FetchHandler<Rest extends readonly unknown[] = readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>;

/**
 * The pattern that adapters share: answers as `handler` does, at once where that does, and hands every response over.
 *
 * @param hostOf What the adapter knows of one request.
 * @param callback Runs after every response of the handler, also when the handler throws.
 */
export function wrapHandler<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  hostOf: (request: Request, ...rest: Rest) => HostSignals,
  callback?: Callbacks,
): (request: Request, ...rest: Rest) => Response | Promise<Response> {
  const shared = callback === undefined ? [] : [new CallbacksForAll(callback)];
  return (request, ...rest) => {
    const exchange = new Exchange(hostOf(request, ...rest), request, shared);
    const fail = (error: unknown): never => {
      exchange.fail(error);
      throw error;
    };
    try {
      const answering = exchange.run(handler, request, ...rest);
      if (typeof (answering as Promise<Response> | undefined)?.then !== "function")
        return answer(exchange, answering as Response);
      const promised = Promise.resolve(answering);
      exchange.wait();
      exchange.keepAlive(promised);
      return promised.then((answered) => answer(exchange, answered)).catch(fail);
    } catch (error) {
      return fail(error);
    }
  };
}

function answer(exchange: Exchange, answered: Response): Response {
  // The handler has upgraded the request to a WebSocket.
  if (answered === undefined && onBun) {
    exchange.none();
    return answered;
  }
  // By its tag, not by instanceof: there may be several classes, such as @hono/node-server's own.
  if (!(answered instanceof Response) && tagOf(answered) !== "Response")
    throw expected("the handler's answer", "a Response", answered);
  return exchange.handOver(answered);
}
