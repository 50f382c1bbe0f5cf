import { type Outcome, ResponseThen } from "../../src/index.ts";
import type { LifeModel } from "./life-model.ts";
import { comes, turns } from "./property.ts";
import { Reading, read } from "./reader.ts";
import { Source } from "./source.ts";

/** One of our responses, and what its callbacks were told. */
export class Watched {
  readonly told: [callback: number, outcome: Outcome][] = [];
  /** Whether some callback ran while the producer of the body was stopping. */
  tooSoon = false;
  readonly response: ResponseThen;
  /** Whether it reads its source on when its reader leaves. */
  readonly consumes: boolean;
  readonly tell =
    (callback: number) =>
    (outcome: Outcome): void => {
      this.told.push([callback, outcome]);
      this.tooSoon ||= this.#source.stopping;
    };
  readonly #source: Source;

  constructor(
    build: (callbacks: ConstructorParameters<typeof ResponseThen>[1]) => ResponseThen,
    source: Source,
    consumes: boolean,
  ) {
    this.#source = source;
    this.consumes = consumes;
    this.response = build([this.tell(1), { finally: this.tell(2) }]).onFinished(this.tell(3));
  }
}

/** What a life has come to, and what can be asked about it. */
export class Life {
  readonly model: LifeModel;
  readonly source: Source;
  readonly reading = new Reading();
  readonly watched: Watched[] = [];
  /** An error that ends what would stay open for ever. */
  readonly swept = new Error("the source was swept away");
  outcomes: Outcome[] = [];
  /** What was pulled when all had ended. */
  pulls = 0;
  /** What was told while the body was open. */
  early: unknown[] = [];
  readonly #last: Response;
  readonly #copy: Response | undefined;

  constructor(model: LifeModel) {
    const { body, onCancel, wraps, clone } = model;
    this.model = model;
    this.source = new Source(body);
    // What closes or fails is read to its end, however slow the machine is.
    const consumeLimit = { ms: "stream" in body && body.end === "stays open" ? 20 : 30_000 };
    let last: Response = this.#watch(
      (callbacks) => new ResponseThen(this.source.body, callbacks, { onCancel, consumeLimit }),
    );
    if (clone !== "none" && clone.of === "the first") this.#copy = last.clone();
    for (const wrap of wraps) {
      const inner = last;
      if (wrap === "Response") last = new Response(inner.body, inner);
      else if (wrap === "from") last = this.#watch((callbacks) => ResponseThen.from(inner, callbacks));
      else last = this.#watch((callbacks) => new ResponseThen(inner.body, callbacks));
    }
    // Not a plain one that has our body: its clone reads that too, and may end it.
    if (clone !== "none" && clone.of === "the last") this.#copy = this.watched.at(-1)?.response.clone();
    this.#last = last;
  }

  /** Whether the platform's tee stands between the source and the reader. */
  get cloned(): boolean {
    return this.model.clone !== "none";
  }

  /** Those that end as the reader wants; what is inside of a cloned response is read by the clone too. */
  get decided(): readonly Watched[] {
    const { clone } = this.model;
    return clone !== "none" && clone.of === "the last" ? this.watched.slice(-1) : this.watched;
  }

  /** Lives to the end, or to what is made its end. */
  async live(): Promise<void> {
    const { clone, reader } = this.model;
    const is = clone === "none" ? undefined : clone.is;
    const copied = new Reading();
    const readCopy = async () =>
      this.#copy && read({ reads: "all", by: "arrayBuffer" }, this.#copy, this.source, copied);
    let copying: Promise<void> | undefined;
    if (is === "read first" || is === "read meanwhile") copying = readCopy();
    if (is === "read first") await Promise.race([copying, turns(12)]);
    if (is === "canceled") this.#copy?.body?.cancel("the clone").catch(() => {});
    await this.#end(read(reader, this.#last, this.source, this.reading));
    if (this.cloned && this.reading.end === "canceled") await this.#stopClone();
    await Promise.all(this.decided.map(({ response }) => comes("finished", response.finished)));
    this.pulls = this.source.pulls;
    await turns();
    // What nobody ends stays open in the platform's tee.
    if (is === "never read") this.#copy?.body?.cancel().catch(() => {});
    this.source.fail(this.swept);
    if (copying) await comes("the clone", copying);
    this.outcomes = await Promise.all(this.watched.map(({ response }) => comes("finished", response.finished)));
  }

  #watch(build: ConstructorParameters<typeof Watched>[0]): ResponseThen {
    const first = this.watched.length === 0;
    const watched = new Watched(build, this.source, first && this.model.onCancel === "consume");
    this.watched.push(watched);
    return watched.response;
  }

  /** Waits for the end of the reading; where there is none, writes down what was told all the same, and makes one. */
  async #end(reads: Promise<void>): Promise<void> {
    const { reading, source } = this;
    const stays = this.#staysOpen();
    await (stays ? Promise.race([reads, turns(14)]) : comes("the reading", reads));
    if (reading.end) return;
    await turns();
    if (reading.end) return;
    this.early = this.decided.flatMap(({ told }) => told);
    reading.sweep();
    if (!reading.end) source.fail(this.swept);
  }

  /** One branch of the platform's tee stops only with the other: until then nothing is told. */
  async #stopClone(): Promise<void> {
    const { body, clone, onCancel } = this.model;
    await turns();
    // Who reads the source on does not cancel it.
    if ("stream" in body && this.source.state === "open" && onCancel === "cancel")
      this.early.push(...this.decided.flatMap(({ told }) => told));
    if (clone !== "none" && clone.is === "never read") this.#copy?.body?.cancel().catch(() => {});
    else if ("stream" in body && body.end === "stays open") this.source.fail(this.swept);
  }

  #staysOpen(): boolean {
    const { body, reader } = this.model;
    return "stream" in body && body.end === "stays open" && reader.reads !== "nothing";
  }
}
