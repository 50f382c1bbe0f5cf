import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { vi } from "vitest";
import { type Exchange, send } from "../../../client.ts";
import { type RunningProcess, startProcess } from "../../../servers/shutdown/process.ts";
import type { AnswerName, Told } from "./answers.ts";
import type { Framework } from "./framework.ts";

/** A request to one of the answers, and what the app tells of it. */
export interface Asked {
  readonly id: string;
  /** Rejects where the connection is cut before the head of an answer. */
  readonly exchange: Promise<Exchange>;
  /** Waits for the callback. */
  outcome(): Promise<NonNullable<Told["outcome"]>>;
  /** Waits until the source is released: read to its end, or canceled. */
  released(): Promise<NonNullable<Told["source"]>>;
}

/** How a request is made. */
export interface Asking {
  readonly method?: "GET" | "HEAD";
  /** Whether the framework's own hook adds its header. */
  readonly rewrap?: boolean;
  /** How long what the app tells is waited for, in ms. */
  readonly patience: number;
}

/** A framework's app in a process of its own. */
export class Running {
  readonly #process: RunningProcess;
  readonly #port: string;
  #asked = 0;

  private constructor(running: RunningProcess, port: string) {
    this.#process = running;
    this.#port = port;
  }

  static async start({ folder, start, env }: Framework): Promise<Running> {
    const running = startProcess(start, { NODE_ENV: "production", ...env }, pathToFileURL(join(folder, "/")));
    try {
      const [, port = ""] = await running.line(/^port (\d+)$/);
      return new Running(running, port);
    } catch (error) {
      await running.close();
      throw error;
    }
  }

  ask(name: AnswerName, { method = "GET", rewrap = false, patience }: Asking): Asked {
    const id = `${++this.#asked}`;
    const url = this.url(`/answers/${name}?id=${id}${rewrap ? "&rewrap=1" : ""}`);
    const exchange = send(url, { method });
    const lines = () => this.told().filter((line) => line.id === id);
    const outcome = () => lines().find((line) => line.outcome)?.outcome;
    const source = () => lines().find((line) => line.source)?.source;
    const of = `of ${method} ${url}`;
    return {
      id,
      exchange,
      outcome: () => this.#until(`the outcome ${of}`, patience, outcome),
      released: () => this.#until(`the end of the source ${of}`, patience, source),
    };
  }

  url(path: string): URL {
    return new URL(path, `http://127.0.0.1:${this.#port}`);
  }

  /** Waits until a line is printed that is nothing but this. */
  async printed(line: string, patience: number): Promise<void> {
    await this.#until(`the line "${line}"`, patience, () => this.#process.printed.includes(line) || undefined);
  }

  /** All that the app has told, in order. */
  told(): readonly Told[] {
    const lines = this.#process.printed.filter((line) => line.includes('{"id":'));
    // Some hosts put their own words before what is printed.
    return lines.map((line) => JSON.parse(line.slice(line.indexOf('{"id":'))));
  }

  complaints(): string {
    return this.#process.complaints();
  }

  close(): Promise<void> {
    return this.#process.close();
  }

  async #until<Value>(what: string, timeout: number, find: () => Value | undefined): Promise<Value> {
    return await vi.waitFor(
      () => {
        const found = find();
        if (found !== undefined) return found;
        throw new Error(`${what} was not told within ${timeout} ms; it printed:\n${this.#lines()}`);
      },
      { timeout, interval: 10 },
    );
  }

  #lines(): string {
    return [...this.#process.printed.slice(-20), this.complaints().slice(-2_000)].join("\n");
  }
}
