import { setImmediate as immediate, setTimeout as pause } from "node:timers/promises";
import { type End, type FetchHandler, type HostSignals, SMALL, wrapHandler } from "../../src/exchange/index.ts";
import { type Outcome, ResponseThen } from "../../src/index.ts";
import { comes, turns } from "./property.ts";
import type { BuiltModel, RequestModel } from "./request-model.ts";

/** What was dropped is told so many ms after the end of what was sent. */
export const ABANDON = 10;

/** A request as it went. */
export class RequestLife {
  readonly model: RequestModel;
  readonly failure = new Error("the handler failed");
  readonly sourceError = new Error("the source failed");
  /** By response, in the order in which they were built, what its callback was told. */
  readonly told: Outcome[][] = [];
  /** When it was told. */
  readonly toldAt: number[] = [];
  /** The same for the one that `ResponseThen.from` made, and for the callback of the wrapper. */
  readonly outer: Outcome[] = [];
  readonly shared: Outcome[] = [];
  /** When the first callback of what was sent was told, or when it was handed over, where it has none. */
  endedAt = 0;
  /** By response, how often its source was canceled, and what is left of its body when all was told. */
  readonly cancels: number[] = [];
  readonly rest: unknown[] = [];
  /** What the wrapped handler threw, and what the client read. */
  thrown: unknown;
  content: string | undefined;
  readonly #listeners: ((end: End) => void)[] = [];
  readonly #built: ResponseThen[] = [];

  constructor(model: RequestModel) {
    this.model = model;
  }

  async live(): Promise<void> {
    const { method, callback, builds, answers } = this.model;
    const request = new Request("http://localhost/", { method });
    // Without a callback one wrapper serves many requests, as in a server.
    const answer = callback
      ? wrapHandler(handle, platformOf, (outcome) => this.#ended(this.shared, outcome))
      : answerOne;
    lives.set(request, this);
    try {
      const sent = await answer(request);
      const handedOver = performance.now();
      await this.#act(sent);
      if (!this.#hasCallback) this.endedAt = handedOver;
    } catch (error) {
      this.thrown = error;
    }
    const due = [...builds.map((_, i) => () => this.told[i]?.length ?? 0)];
    if (callback) due.push(() => this.shared.length);
    if (answers[0] === "one, wrapped by ResponseThen.from") due.push(() => this.outer.length);
    await comes(
      "the outcome of a response",
      until(() => due.every((count) => count() > 0)),
    );
    await turns();
    for (const [i, response] of this.#built.entries())
      if (!this.isRead(i) && i !== answers[1]) this.rest[i] = await response.text().catch((error) => error);
    await turns();
  }

  /** Whether the handler reads one to its end. */
  isRead(index: number): boolean {
    const { builds, answers } = this.model;
    return builds[index]?.isRead === true && index !== answers[1];
  }

  /** Whether what is sent has a callback. */
  get #hasCallback(): boolean {
    const { callback, answers, builds } = this.model;
    const [answer, index] = answers;
    if (callback || index === undefined) return callback;
    return answer !== "one, wrapped by Response" || builds[index]?.body !== "nothing";
  }

  #ended(list: Outcome[], outcome: Outcome): void {
    this.endedAt ||= performance.now();
    list.push(outcome);
  }

  /** Whether the client stays to the end. */
  get reads(): boolean {
    return this.model.client.startsWith("reads");
  }

  /** The handler. */
  async handle(): Promise<Response> {
    const [answer, answered = 0] = this.model.answers;
    for (const [i, { body, awaits }] of this.model.builds.entries()) {
      if (awaits === "a microtask") await undefined;
      if (awaits === "a macrotask") await immediate();
      const told: Outcome[] = [];
      this.told.push(told);
      this.cancels.push(0);
      const response = new ResponseThen(this.#body(body, i), (outcome) => {
        this.toldAt[i] ??= performance.now();
        if (i === this.model.answers[1]) this.#ended(told, outcome);
        else told.push(outcome);
      });
      this.#built.push(response);
      if (this.isRead(i)) await response.text().catch(() => {});
    }
    const one = this.#built[answered] as ResponseThen;
    if (answer === "throws") throw this.failure;
    if (answer === "a plain one") return new Response("plain");
    if (answer === "a plain one of nothing") return new Response(null, { status: 204 });
    if (answer === "one that it built") return one;
    if (answer === "one, wrapped by Response") return new Response(one.body, one);
    return ResponseThen.from(one, (outcome) => this.#ended(this.outer, outcome));
  }

  platform(): HostSignals {
    const { method, client, platform } = this.model;
    const gone = () => (client === "had left" ? new Error("the client left") : undefined);
    const base = { method, abandonAfter: ABANDON };
    if (platform === "tells nothing") return base;
    if (platform === "takes fixed bodies") return { ...base, gone, fixedLimit: SMALL };
    return {
      ...base,
      gone,
      fixedLimit: Number.POSITIVE_INFINITY,
      flushed: (listener) => void this.#listeners.push(listener),
    };
  }

  #body(body: BuiltModel["body"], index: number): string | ReadableStream | null {
    if (body === "nothing") return null;
    if (body === "a text") return textOf(index);
    const bytes = new TextEncoder().encode(textOf(index));
    let pulls = 0;
    return new ReadableStream(
      {
        pull: async (controller) => {
          await immediate();
          if (pulls++ === 0) controller.enqueue(bytes);
          else if (body === "a stream") controller.close();
          else controller.error(this.sourceError);
        },
        cancel: () => {
          this.cancels[index] = (this.cancels[index] ?? 0) + 1;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The client, and what the platform tells of it. */
  async #act(sent: Response): Promise<void> {
    const { client, method } = this.model;
    await (client === "reads late" ? pause(3 * ABANDON) : immediate());
    let left = this.reads ? undefined : new Error("the client left");
    if (method === "GET" && this.reads) {
      this.content = await sent.text().catch(() => {
        left = new Error("the body was cut");
        return undefined;
      });
    } else if (method === "GET") await sent.body?.cancel(left).catch(() => {});
    const end: End = left
      ? { type: "canceled", observed: "flushed", reason: left }
      : { type: "completed", observed: "flushed" };
    for (const listener of this.#listeners) listener(end);
  }
}

/** The text of the response number `index`. */
export function textOf(index: number): string {
  return `the response ${index}`;
}

const lives = new WeakMap<Request, RequestLife>();
const lifeOf = (request: Request) => lives.get(request) as RequestLife;
const handle: FetchHandler = (request) => lifeOf(request).handle();
const platformOf = (request: Request): HostSignals => lifeOf(request).platform();
const answerOne = wrapHandler(handle, platformOf);

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await turns(1);
}
