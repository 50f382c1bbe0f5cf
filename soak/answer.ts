/** What a client has of an HTTP/1.1 answer: its status, and how much of its body. */
export class Answer {
  status = 0;
  bytes = 0;
  whole = false;
  /** Whether the server closes the connection after it. */
  last = false;
  readonly #head: boolean;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes to come: of the body, or of the chunk with its line end. `undefined` before the next line of a chunk. */
  #left: number | undefined;
  #chunked = false;
  #ended = false;

  /** @param method Of the request: a `HEAD` has no body in its answer. */
  constructor(method: string) {
    this.#head = method === "HEAD";
  }

  /** Takes what came from the socket. */
  push(data: Buffer): void {
    this.#rest = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    if (this.status === 0 && !this.#readHead()) return;
    if (this.#chunked) while (!this.whole && this.#readChunk());
    else if (!this.whole) this.#take(this.#left ?? Number.POSITIVE_INFINITY);
  }

  /** The connection was closed. */
  close(): void {
    if (this.status !== 0 && !this.#chunked && this.#left === undefined) this.whole = true;
  }

  #readHead(): boolean {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const [first = "", ...lines] = this.#rest.subarray(0, end).toString("latin1").split("\r\n");
    this.#rest = this.#rest.subarray(end + 4);
    const headers = new Map(lines.map((line) => line.toLowerCase().split(/:\s*/, 2) as [string, string]));
    this.status = Number(first.split(" ")[1]);
    this.last = headers.get("connection") === "close";
    this.#chunked = headers.get("transfer-encoding") === "chunked";
    const length = headers.get("content-length");
    if (length !== undefined) this.#left = Number(length);
    if (this.#head || this.status === 204 || this.status === 304 || this.#left === 0) this.whole = true;
    return true;
  }

  #take(most: number): number {
    const taken = Math.min(most, this.#rest.length);
    this.#rest = this.#rest.subarray(taken);
    if (this.#left !== undefined) this.#left -= taken;
    if (!this.#chunked) this.bytes += taken;
    if (!this.#chunked && this.#left === 0) this.whole = true;
    return taken;
  }

  /** Reads on; `false` when there is nothing to read now. */
  #readChunk(): boolean {
    if (this.#left !== undefined) {
      // The last two bytes of a chunk are its line end.
      const body = Math.max(0, this.#left - 2);
      if (this.#take(this.#left) === 0) return false;
      this.bytes += body - Math.max(0, this.#left - 2);
      if (this.#left > 0) return false;
      this.#left = undefined;
      this.whole = this.#ended;
      return true;
    }
    const end = this.#rest.indexOf("\r\n");
    if (end < 0) return false;
    const size = Number.parseInt(this.#rest.subarray(0, end).toString("latin1"), 16);
    this.#rest = this.#rest.subarray(end + 2);
    this.#ended = size === 0;
    this.#left = size + 2;
    return true;
  }
}
