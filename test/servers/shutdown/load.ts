import { Agent } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { send } from "../../client.ts";

export interface Load {
  /** The ids of the requests that got their answer. */
  readonly answered: readonly string[];
  /** Fulfils when the server accepts none of the clients any more. */
  readonly refused: Promise<unknown>;
  /** The clients stop asking. */
  stop(): void;
}

/** Clients that ask again and again, each on a connection that is kept alive, until the server refuses them. */
export function startLoad(url: URL, clients: number): Load {
  const agent = new Agent({ keepAlive: true });
  const answered: string[] = [];
  let asked = 0;
  let stopped = false;
  const ask = async () => {
    while (!stopped) {
      const id = `quick-${asked++}`;
      try {
        const { readAll } = await send(new URL(`/quick/slow/${id}`, url), { agent });
        await readAll();
        answered.push(id);
      } catch (error) {
        // A connection that the server closes while a request is under way to it is not refused, but reset.
        if ((error as NodeJS.ErrnoException).code === "ECONNREFUSED") break;
      }
      await pause(5);
    }
  };
  const refused = Promise.all(Array.from({ length: clients }, ask)).finally(() => agent.destroy());
  return {
    answered,
    refused,
    stop() {
      stopped = true;
    },
  };
}
