import { Agent } from "node:http";
import { send } from "../client.ts";
import { byId, type Entry } from "./records.ts";

/** Asks a server what happened, and tells it to go on. */
export class Control {
  readonly #port: number;
  readonly #agent: Agent;

  /** @param keepAlive Whether on a connection of its own that stays open. */
  constructor(port: number, keepAlive: boolean) {
    this.#port = port;
    this.#agent = new Agent({ keepAlive, maxSockets: 1 });
  }

  /** Asks once more if the server has closed the kept connection meanwhile. What is said twice is the same as once. */
  async ask<T>(verb: string, word = ""): Promise<T> {
    const ask = () => send(this.url(`${verb}/${word}`), { agent: this.#agent });
    const { readAll } = await ask().catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") return ask();
      throw error;
    });
    return JSON.parse(String(await readAll()));
  }

  say(word: string): Promise<true> {
    return this.ask("say", word);
  }

  /** In the order in which it happened, of all requests whose id begins so. */
  entries(prefix = ""): Promise<Entry[]> {
    return this.ask("entries", prefix);
  }

  async told(prefix = ""): Promise<Map<string, string[]>> {
    return byId(await this.entries(prefix));
  }

  url(path: string): URL {
    return new URL(`http://127.0.0.1:${this.#port}/${path}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}
