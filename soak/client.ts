// A client on a raw socket: it reads, resets, half-closes, and leaves before there is an answer.
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Answer } from "./answer.ts";
import type { Job } from "./plan.ts";

/** How long a client waits for anything, in ms: then the soak says what hung. */
const PATIENCE = 60_000;

/** One client, with one connection at a time, which it uses again where it can. */
export class Client {
  readonly #port: number;
  #socket: Socket | undefined;
  #answer: Answer | undefined;
  #changed = () => {};

  constructor(port: number) {
    this.#port = port;
  }

  /** Does one job. Returns what was wrong with the answer, if anything was. */
  async do({ ending, path, bytes, after }: Job): Promise<string | undefined> {
    const { act, method = "GET", status = 200, unknown } = ending;
    const socket = this.#open();
    const answer = new Answer(method);
    this.#answer = answer;
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    if (act === "leave") {
      await pause(after);
      this.close();
      return undefined;
    }
    const enough = () => answer.whole || socket.closed || (act !== "read" && answer.bytes >= after);
    if (!(await this.#until(enough, PATIENCE))) {
      this.close();
      return `${ending.name}: no end of the answer to ${method} ${path} in ${PATIENCE} ms, ${answer.bytes} bytes came`;
    }
    if (act === "half-close") {
      socket.end();
      // Not every server takes it for a disconnect.
      await this.#until(() => socket.closed, 200);
    }
    // After what failed a server may say that the connection stays open, and close it all the same.
    if (unknown || act !== "read" || !answer.whole || answer.last) this.close();
    if (unknown || act !== "read") return undefined;
    const got = `${answer.status}, ${answer.bytes} bytes${answer.whole ? "" : ", cut"}`;
    const expected = `${status}, ${bytes} bytes`;
    return got === expected ? undefined : `${ending.name}: ${method} ${path} got ${got}, expected ${expected}`;
  }

  /** Resets the connection, if there is one. */
  close(): void {
    this.#socket?.resetAndDestroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    if (this.#socket && !this.#socket.destroyed) return this.#socket;
    const socket = connect(this.#port, "127.0.0.1");
    socket.on("data", (data) => {
      if (socket !== this.#socket) return;
      this.#answer?.push(data);
      this.#changed();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      if (socket !== this.#socket) return;
      this.#answer?.close();
      this.#changed();
    });
    this.#socket = socket;
    return socket;
  }

  /** Waits until something is so; `false` when it takes more than `ms`. */
  #until(holds: () => boolean, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const done = (held: boolean) => {
        clearTimeout(timer);
        this.#changed = () => {};
        resolve(held);
      };
      const timer = setTimeout(() => done(holds()), ms);
      this.#changed = () => {
        if (holds()) done(true);
      };
      this.#changed();
    });
  }
}
