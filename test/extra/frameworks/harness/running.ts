import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { vi } from "vitest";
import { send } from "../../../client.ts";
import { type RunningProcess, startProcess } from "../../../servers/shutdown/process.ts";
import type { AnswerName, Told } from "./answers.ts";
import { Asked } from "./asked.ts";
import type { Framework } from "./framework.ts";

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
    const lines = () => this.told().filter((line) => line.id === id);
    const until = <Value>(what: string, find: () => Value | undefined) =>
      this.#until(`${what} of ${method} ${url}`, patience, find);
    return new Asked(send(url, { method }), lines, until);
  }

  url(path: string): URL {
    return new URL(path, `http://127.0.0.1:${this.#port}`);
  }

  /** Waits until such a line is printed. */
  printed(is: (line: string) => boolean, patience = 30_000): Promise<string> {
    return this.#until("such a line", patience, () => this.#process.printed.find(is));
  }

  /** What it has printed. */
  lines(): readonly string[] {
    return this.#process.printed;
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
        throw new Error(`${what} was not told within ${timeout} ms; it printed:\n${this.#last()}`);
      },
      { timeout, interval: 10 },
    );
  }

  #last(): string {
    return [...this.#process.printed.slice(-20), this.complaints().slice(-2_000)].join("\n");
  }
}
