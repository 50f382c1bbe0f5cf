// What is known of one response until it ends: when it was built, what went out of its body, and its head.
import type { End, Observed, OutcomeFacts, RequestFacts } from "./outcome.ts";

// As it is now: a test may put another one in its place, and take it away again.
const { performance } = globalThis;

/** The facts of one lifecycle. */
export class Facts {
  readonly #startTime: number = Date.now();
  readonly #started: number = performance.now();
  #bytes = 0;
  #chunks = 0;
  #firstByteTime: number | undefined;
  #request: RequestFacts | undefined;
  #unwatched: Response | undefined;
  #content: unknown;
  #head: ResponseInit | undefined;

  /** The response whose body nobody watches, or that has none. */
  get unwatched(): Response | undefined {
    return this.#unwatched;
  }

  /** The content of a body that nobody watches. */
  get content(): unknown {
    return this.#content;
  }

  /** Whether some of the body was handed over. */
  get begun(): boolean {
    return this.#chunks > 0;
  }

  /** Time since the response was built, in ms. */
  elapsed(): number {
    return performance.now() - this.#started;
  }

  /** How long after the response was built something has ended that began at `startTime` and took `duration` ms. */
  until(startTime: number, duration: number): number {
    return Math.max(0, startTime + duration - this.#startTime);
  }

  /** Its body is none, or the fixed content that is sent as it is. */
  setUnwatched(response: Response, content: unknown): void {
    this.#unwatched = response;
    this.#content = content;
  }

  /** What the outcome tells of the response when that is gone. */
  setHead(head: ResponseInit): void {
    this.#head = head;
  }

  /** What it answers. */
  setRequest(request: RequestFacts | undefined): void {
    this.#request = request;
  }

  /** Its status and headers. */
  get head(): ResponseInit | undefined {
    return this.#unwatched ?? this.#head;
  }

  /** Whether as much was handed over as the headers say that there is. */
  reaches(headers: Headers | undefined, bytes: number = this.#bytes): boolean {
    const length = headers?.get("content-length");
    // What fetch() has decoded keeps the length of what came.
    return bytes > 0 && !headers?.has("content-encoding") && bytes >= Number(length || Number.NaN);
  }

  /** A piece of the body was handed over. */
  handed(bytes: number): void {
    if (bytes > 0) this.#firstByteTime ??= this.#startTime + this.elapsed();
    this.#chunks++;
    this.#bytes += bytes;
  }

  /** @param response What has ended; missing where it was collected. */
  atEnd(
    end: End,
    response: Response | undefined,
    duration: number,
    observed: Observed,
  ): Pick<End, "type"> & OutcomeFacts {
    const { bytes, chunks, firstByteTime } = (Object.hasOwn(end, "counted") && end.counted) || {
      bytes: this.#bytes,
      chunks: this.#chunks,
      firstByteTime: this.#firstByteTime,
    };
    const facts: { -readonly [Key in keyof OutcomeFacts]: OutcomeFacts[Key] } & Pick<End, "type"> = {
      type: end.type,
      response: end.response ?? response ?? this.#unwatched ?? new Response(null, this.#head),
      bytes,
      chunks,
      startTime: this.#startTime,
      duration,
      observed,
    };
    if (this.#request) facts.request = this.#request;
    if (bytes > 0 && firstByteTime !== undefined) facts.firstByteTime = firstByteTime;
    return facts;
  }
}
