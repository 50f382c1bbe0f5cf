// An HTTP client that hides nothing: what it gives is what came over the socket.
import { connect, type Socket } from "node:net";
import type { Asking } from "./requests.ts";

/** An answer of HTTP/1.x, taken apart. */
export interface Answer {
  /** The status line and the headers, as they came; only a date is replaced. */
  readonly head: readonly string[];
  /** How long each chunk is, where the body came in chunks. */
  readonly chunks: readonly number[] | undefined;
  readonly body: Buffer;
  /** What was missing when the connection was closed in the middle. */
  readonly cut: boolean;
}

/** What came over one connection. */
export interface Exchange {
  readonly answers: readonly Answer[];
  /** Whether the server closed the connection after the last of these answers. */
  readonly closed: boolean;
}

/**
 * Asks twice on one connection, and then for `/next`, whose answer shows that nothing came behind the others. Where the
 * connection is not kept alive, once.
 */
export async function exchange(port: number, path: string, asking: Asking): Promise<Exchange> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const incoming = new Incoming(socket);
  const answers: Answer[] = [];
  try {
    const lines = [`${asking.method} ${encodeURI(path)} ${asking.version}`, "Host: server.example", ...asking.headers];
    const request = `${lines.join("\r\n")}\r\n\r\n${asking.body}`;
    while (answers.length < 2) {
      socket.write(request);
      const answer = await incoming.answer(asking.method);
      if (answer) answers.push(answer);
      else if (answers.length > 0) return { answers, closed: true };
      else throw new Error("the connection was closed before an answer");
      if (await incoming.isOver(asking.keepsAlive)) return { answers, closed: true };
    }
    socket.write("GET /next HTTP/1.1\r\nHost: server.example\r\nConnection: close\r\n\r\n");
    const next = await incoming.answer("GET");
    if (String(next?.body) !== "the next answer") throw new Error(`instead of the next answer came: ${next?.head}`);
    return { answers, closed: false };
  } catch (cause) {
    throw new Error(`${asking.name} ${path} got ${answers.length} answers and ${incoming.told()}`, { cause });
  } finally {
    socket.destroy();
  }
}

class Incoming {
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  constructor(socket: Socket) {
    const wake = () => this.#wake();
    socket.on("data", (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      wake();
    });
    const end = () => {
      this.#ended = true;
      wake();
    };
    // A reset ends a connection as well as a FIN does.
    socket.on("end", end).on("close", end).on("error", end);
    // A hang must fail as what it is.
    socket.setTimeout(10_000, () => socket.destroy(new Error("hung")));
  }

  told(): string {
    const start = this.#received.toString("latin1", 0, 300);
    return `${this.#received.byteLength} bytes more, ${this.#ended ? "closed" : "open"}: ${start}`;
  }

  /** Whether the server closes the connection; it is given time to where it should. */
  async isOver(keepsAlive: boolean): Promise<boolean> {
    if (!keepsAlive) await this.#until(() => this.#ended);
    if (this.#ended && this.#received.byteLength > 0) throw new Error("something came behind the answer");
    return this.#ended;
  }

  /** The next answer; `undefined` where the server has closed the connection instead. */
  async answer(method: string): Promise<Answer | undefined> {
    await this.#until(() => this.#ended || this.#received.byteLength > 0);
    if (this.#received.byteLength === 0) return undefined;
    const head = (await this.#line("\r\n\r\n")).split("\r\n");
    const value = (name: string) =>
      head.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1);
    const status = Number(head[0]?.split(" ")[1]);
    const answer = { head: head.map(withoutDate), chunks: undefined, cut: false };
    if (method === "HEAD" || status === 204 || status === 304) return { ...answer, body: Buffer.alloc(0) };
    if (value("transfer-encoding")?.trim() === "chunked") return { ...answer, ...(await this.#chunked()) };
    const length = value("content-length");
    const size = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
    const body = await this.#bytes(size);
    return { ...answer, body, cut: length !== undefined && body.byteLength < size };
  }

  async #chunked(): Promise<Pick<Answer, "chunks" | "body" | "cut">> {
    const pieces: Buffer[] = [];
    const told = (cut: boolean) => ({
      chunks: pieces.map((piece) => piece.byteLength),
      body: Buffer.concat(pieces),
      cut,
    });
    for (;;) {
      const size = await this.#line("\r\n").catch(() => undefined);
      if (size === undefined) return told(true);
      const piece = await this.#bytes(Number.parseInt(size, 16));
      if (piece.byteLength > 0) pieces.push(piece);
      const end = await this.#line("\r\n").catch(() => undefined);
      if (end === undefined) return told(true);
      if (end !== "") throw new Error(`instead of the end of a chunk: ${end}`);
      if (Number.parseInt(size, 16) === 0) return told(false);
    }
  }

  /** All until `end`, without it. */
  async #line(end: string): Promise<string> {
    await this.#until(() => this.#ended || this.#received.includes(end));
    const at = this.#received.indexOf(end);
    if (at < 0) throw new Error("the connection was closed");
    const line = this.#received.toString("latin1", 0, at);
    this.#received = this.#received.subarray(at + end.length);
    return line;
  }

  /** So many bytes, or what comes until the connection is closed. */
  async #bytes(size: number): Promise<Buffer> {
    await this.#until(() => this.#ended || this.#received.byteLength >= size);
    const bytes = this.#received.subarray(0, size);
    this.#received = this.#received.subarray(bytes.byteLength);
    return bytes;
  }

  async #until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function withoutDate(line: string): string {
  return line.replace(/^(date: ).+/i, "$1…");
}
