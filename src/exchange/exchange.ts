// One request and its answer. It connects the responses that a handler builds with the response that is sent.
import { stamp } from "../body/stamp.ts";
import { Lifecycle } from "../lifecycle/lifecycle.ts";
import { toWaitUntil } from "../lifecycle/options.ts";
import { causedBy, type End, type RequestFacts, toReason } from "../lifecycle/outcome.ts";
import { listening } from "../lifecycle/process.ts";
import { type CallbacksForAll, NO_CALLBACKS } from "./callbacks-for-all.ts";
import { type Handling, runIn } from "./current.ts";
import { find, sendOwn, sendPlain } from "./hand-over.ts";
import type { HostSignals } from "./host-signals.ts";
import { endRead, Listed } from "./listed.ts";

/** How long a handler may take to answer after its client has left, in ms. */
const GIVE_UP = 5_000;

/** Takes the place of the host's signals when the answer has ended. */
const OVER: HostSignals = { method: "" };

/** The facts of one request, the signals of its host, the responses built meanwhile, and the callbacks for all. */
export class Exchange implements Handling {
  #host: HostSignals;
  #asked: Request | undefined;
  readonly #request: RequestFacts | undefined;
  readonly #shared: CallbacksForAll[];
  #listed: Listed | undefined;
  #answered = false;
  #pending = false;
  #sent: Lifecycle | undefined;
  #error: unknown;

  /** Create it when the request comes: on some runtimes a request cannot be read after its response. */
  constructor(host: HostSignals, request: Request | undefined, shared: readonly CallbacksForAll[] = []) {
    this.#host = host;
    this.#asked = request;
    // Only if somebody listens: reading the `url` of a request takes time.
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

  /** Runs a handler as a part of this exchange. */
  run<T, Args extends readonly unknown[]>(handler: (...args: Args) => T, ...args: Args): T {
    return runIn(this, handler, ...args);
  }

  add(callbacks: CallbacksForAll): void {
    this.#shared.push(callbacks);
    this.#watchClient();
  }

  list(lifecycle: Lifecycle): boolean {
    this.#listed ??= new Listed();
    this.#listed.add(lifecycle);
    if (!this.#answered) lifecycle.hold();
    this.#watchClient();
    return !this.#answered;
  }

  /** The handler did not answer synchronously: from now on the client may leave before the answer. */
  wait(): void {
    this.#pending = true;
    if (this.#shared.length > 0 || this.#listed) this.#watchClient();
  }

  /** Makes the platform wait for the handler: if the wait ended when the client left, no callback would run. */
  keepAlive(answering: Promise<unknown>): void {
    const { waitUntil } = this.#host;
    if (this.#shared.length > 0 && waitUntil) toWaitUntil(waitUntil)(answering.catch(() => {}));
  }

  /**
   * The handler has answered, and the runtime gets the response now. Returns what to send, most often `response`.
   */
  handOver(response: Response): Response {
    this.#answered = true;
    const found = find(response);
    // A response that is sent a second time, or whose callbacks have been dispatched, counts as a plain one.
    const own = found && !found.lifecycle.told && !found.lifecycle.claimed ? found : undefined;
    own?.lifecycle.claim(this.#request, own.copy);
    const read = this.#takeRead(own?.lifecycle, response);
    const first = this.#first;
    if (!own && !first && !read.length && !this.#listed?.all.length) return response;
    const settings = (first ?? NO_CALLBACKS).settings(this.#host.waitUntil);
    const lifecycle = own?.lifecycle ?? this.#begin(settings);
    this.#sent = lifecycle;
    if (own) this.#keepAlive([lifecycle]);
    this.#tellShared(lifecycle);
    if (own?.copy) own.body?.mute();
    const sent = own && !own.copy ? sendOwn(response, own, this.#host) : sendPlain(response, lifecycle, this.#host);
    // A response that is sent a second time, as by a handler inside a handler, keeps its stamp: `finished` reads it.
    if (own || sent !== response || !found) stamp(sent, lifecycle, own?.copy ? undefined : own?.body);
    if (read.length > 0) lifecycle.dispatched.then((outcome) => void read.map((each) => each.follow(outcome)));
    lifecycle.dispatched.then(() => this.#over());
    return sent;
  }

  /** The handler threw `error`. Ends what it built, and runs the callbacks for all. */
  fail(error: unknown): void {
    this.#answered = true;
    const gone = this.#host.gone?.();
    const end: End =
      gone === undefined
        ? { type: "errored", observed: "handed-over", error }
        : { type: "canceled", observed: "handed-over", reason: causedBy(gone, error), released: false };
    this.#sent?.end(end);
    this.#tell(end);
  }

  /** There is no response, as when a request became a WebSocket on Bun. */
  none(): void {
    this.#answered = true;
    // What is still being read ends as its body does.
    for (const read of this.#takeRead(undefined, undefined)) if (!endRead(read)) read.letGo();
    this.#listed?.abandon(this.#host);
  }

  #begin(settings: ConstructorParameters<typeof Lifecycle>[1]): Lifecycle {
    const lifecycle = new Lifecycle([], settings);
    lifecycle.track();
    lifecycle.claim(this.#request);
    return lifecycle;
  }

  /** The callbacks whose options are those of a plain response. */
  get #first(): CallbacksForAll | undefined {
    return this.#shared.find((each) => each !== NO_CALLBACKS) ?? this.#shared[0];
  }

  /** Runs the callbacks for all after the end of `lifecycle`. Each is told once, and any added later of the answer. */
  #tellShared(lifecycle: Lifecycle): void {
    for (const each of this.#shared.splice(0)) each.addTo(lifecycle);
  }

  #keepAlive(lifecycles: readonly Lifecycle[]): void {
    const { waitUntil } = this.#host;
    if (waitUntil) for (const lifecycle of lifecycles) lifecycle.keepAlive(toWaitUntil(waitUntil));
  }

  /** The exchange sends nothing: ends the responses that were built for it, and runs the callbacks for all. */
  #tell(end: End): void {
    this.#drop(end);
    const first = this.#first;
    if (!first) return;
    const lifecycle = this.#begin(first.settings(this.#host.waitUntil));
    this.#tellShared(lifecycle);
    // Servers log a client that left before the answer with status 499.
    lifecycle.end(end, new Response(null, { status: end.type === "canceled" ? 499 : 500 }));
  }

  #drop(end: End): void {
    this.#keepAlive(this.#listed?.all ?? []);
    this.#listed?.drop(end);
  }

  /** Takes from the list the responses that were read. The platform waits for the callbacks of all that are listed. */
  #takeRead(own: Lifecycle | undefined, sent: Response | undefined): Lifecycle[] {
    const listed = this.#listed;
    if (!listed) return [];
    if (this.#error !== undefined) this.#drop({ type: "errored", observed: "handed-over", error: this.#error });
    this.#keepAlive(listed.all);
    return listed.takeRead(own, sent, this.#host);
  }

  /**
   * What was sent has ended. A promise that never settles keeps its async context alive, and with it this exchange. So
   * the exchange drops what was sent.
   */
  #over(): void {
    this.#listed?.abandon(this.#host);
    this.#sent = undefined;
    this.#host = OVER;
    this.#asked = undefined;
  }

  /** Runs the callbacks some time after the client has left, because the handler may then never settle. */
  #watchClient(): void {
    if (!this.#pending || this.#answered) return;
    this.#pending = false;
    const giveUp = () => {
      if (this.#answered) return;
      const reason = toReason(this.#host.gone?.());
      this.#tell({ type: "canceled", observed: "handed-over", reason, released: false });
    };
    const left = () => {
      if (!this.#answered) setTimeout(giveUp, this.#host.abandonAfter ?? GIVE_UP);
    };
    // Hosts tell of a leaving once, which may have been before there was something to watch for.
    if (this.#host.gone?.() === undefined) this.#host.left?.(left);
    else if (this.#host.left) left();
  }
}
