import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { connect, type Socket } from "node:net";
import { load } from "../load.ts";
import { passes } from "../passes.ts";
import { areXs } from "../xs.ts";
import type { Told } from "./serve/app.ts";
import type { Memory } from "./serve/memory.ts";

const TEXT = "Hello, world";

/** The client of one server. It asserts that the answers are right, and knows what the callbacks are to be told. */
export class Client {
  readonly #origin: string;
  readonly #port: number;
  readonly #expected: Record<string, Told> = {};

  constructor(port: number) {
    this.#port = port;
    this.#origin = `http://127.0.0.1:${port}`;
  }

  /** The head of one answer with the text, as far as every candidate's should be the same. */
  async head(path: string): Promise<{ status: number; contentType: string | null }> {
    const response = await fetch(this.#origin + path);
    assert.equal(await response.text(), TEXT, `the body of ${path}`);
    this.#expect(path, "completed", 1, TEXT.length);
    return { status: response.status, contentType: response.headers.get("content-type") };
  }

  /** Asks for the text `amount` times; fulfils with how many were answered in a second. */
  async texts(path: string, amount: number): Promise<number> {
    const perSecond = await load(this.#origin + path, TEXT, amount);
    this.#expect(path, "completed", amount, TEXT.length);
    return perSecond;
  }

  /** Reads one stream of `bytes` bytes, each an x. */
  async stream(path: string, bytes: number): Promise<void> {
    const request = get(this.#origin + path, { agent: false });
    const [message] = await once(request, "response");
    assert.equal(message.statusCode, 200, `the status of ${path}`);
    let read = 0;
    let wrong = 0;
    message.on("data", (data: Buffer) => {
      read += data.byteLength;
      if (!areXs(data)) wrong++;
    });
    await once(message, "end");
    assert.deepEqual({ read, wrong }, { read: bytes, wrong: 0 }, `the body of ${path}`);
    this.#expect(path, "completed", 1, bytes);
  }

  /** Opens responses whose body stays open after one byte; the function that comes back leaves them all. */
  async hold(path: string, count: number): Promise<() => void> {
    const sockets: Socket[] = [];
    while (sockets.length < count) {
      // No more at once than a server has room for before it accepts them.
      const some = Math.min(100, count - sockets.length);
      sockets.push(...(await Promise.all(Array.from({ length: some }, () => this.#holdOne(path)))));
    }
    return () => {
      for (const socket of sockets) socket.destroy();
      this.#expect(path, "canceled", count, 1);
    };
  }

  async #holdOne(path: string): Promise<Socket> {
    const socket = connect(this.#port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    let text = "";
    for await (const data of socket.iterator({ destroyOnReturn: false })) {
      text += data;
      if (text.endsWith("\r\n\r\n1\r\nx\r\n")) break;
    }
    assert.match(text, /^HTTP\/1\.1 200 [\s\S]*x\r\n$/, `the answer to ${path}`);
    return socket;
  }

  /** Each answer had its callback, and no more than one; those of plain responses had none. */
  assertTold(): Promise<void> {
    return passes(async () => {
      const told: Record<string, Told> = await (await fetch(`${this.#origin}/told`)).json();
      for (const [path, expected] of Object.entries(this.#expected)) {
        assert.deepEqual(told[path], expected, `the callbacks of ${path}`);
      }
    });
  }

  /** What the server holds after a garbage collection. */
  async memory(): Promise<Memory> {
    return (await fetch(`${this.#origin}/memory`)).json();
  }

  #expect(path: string, type: "completed" | "canceled", count: number, bytes: number): void {
    this.#expected[path] ??= { completed: 0, canceled: 0, errored: 0, bytes: 0 };
    if (/\/plain/.test(path)) return;
    this.#expected[path][type] += count;
    this.#expected[path].bytes += count * bytes;
  }
}
