// What is known of one response until it ends: when it was built, how much of its body was handed over, and its head.
import { Capture } from "./capture.ts";
import type { End, Observed, OutcomeFacts, RequestFacts } from "./outcome.ts";

// Read now, because a test may replace the global one for some time.
const { performance } = globalThis;

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
  #capture: Capture | undefined;

  /** The response, if it has no body or a body that is not watched. */
  get unwatched(): Response | undefined {
    return this.#unwatched;
  }

  /** The fixed content of a body that is not watched. */
  get content(): unknown {
    return this.#content;
  }

  /** Whether a piece of the body was handed over. */
  get begun(): boolean {
    return this.#chunks > 0;
  }

  /** Time since the response was built, in ms. */
  elapsed(): number {
    return performance.now() - this.#started;
  }

  /** Time from when the response was built to the end of what began at `startTime` and took `duration`, in ms. */
  until(startTime: number, duration: number): number {
    return Math.max(0, startTime + duration - this.#startTime);
  }

  /** The response has no body, or its body is a fixed `content` that is sent as it is. */
  setUnwatched(response: Response, content: unknown): void {
    this.#unwatched = response;
    this.#content = content;
  }

  /** The status and headers that the outcome shows if the response was collected. */
  setHead(head: ResponseInit): void {
    this.#head = head;
  }

  /** The request that it answers. */
  setRequest(request: RequestFacts | undefined): void {
    this.#request = request;
  }

  /** The status and headers of the response. */
  get head(): ResponseInit | undefined {
    return this.#unwatched ?? this.#head;
  }

  /** Whether as many bytes were handed over as `content-length` declares. */
  reaches(headers: Headers | undefined, bytes: number = this.#bytes): boolean {
    const length = headers?.get("content-length");
    // A response that fetch() decoded keeps the length of the encoded body.
    return bytes > 0 && !headers?.has("content-encoding") && bytes >= Number(length || Number.NaN);
  }

  /** From now on keeps up to so many bytes of what is handed over. */
  capture(bytes: number): void {
    this.#capture = new Capture(bytes);
  }

  /** Whether what is handed over is kept, so that its body must be watched. */
  get captures(): boolean {
    return this.#capture !== undefined;
  }

  /** Forgets what was handed over, because it went to the handler. */
  restart(): void {
    this.#bytes = this.#chunks = 0;
    this.#firstByteTime = undefined;
    this.#capture = this.#capture?.again();
  }

  /**
   * Counts a piece of the body that was handed over.
   *
   * @param piece Its bytes or text, if somebody may want to keep them.
   */
  handed(bytes: number, piece?: unknown): void {
    this.#capture?.keep(piece);
    if (bytes > 0) this.#firstByteTime ??= this.#startTime + this.elapsed();
    this.#chunks++;
    this.#bytes += bytes;
  }

  /** @param response The response that has ended; missing if it was collected. */
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
    // Not by `bytes`: those may be of another response, which was sent in its place.
    if (this.#capture) facts.captured = this.#capture.atEnd(this.#bytes);
    if (bytes > 0 && firstByteTime !== undefined) facts.firstByteTime = firstByteTime;
    return facts;
  }
}
