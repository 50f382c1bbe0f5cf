// What is tried of each framework, over real sockets. A row fulfils with the words of its cell in docs/frameworks.md.
import { expect } from "vitest";
import { PIECES, TEXT } from "./answers.ts";
import type { Running } from "./running.ts";

export type RowKey = "end" | "flowing" | "idle" | "error" | "head" | "rewrap";

export interface Row {
  readonly key: RowKey;
  /** The head of its column. */
  readonly title: string;
  run(app: Running, patience: number): Promise<string>;
}

const pieces = PIECES.join("");

export const rows: readonly Row[] = [
  {
    key: "end",
    title: "read to the end",
    async run(app, patience) {
      const seen: string[] = [];
      for (const [name, body] of [["text", TEXT] as const, ["pieces", pieces] as const]) {
        const asked = app.ask(name, { patience });
        const exchange = await asked.exchange;
        expect([exchange.status, String(await exchange.readAll())]).toEqual([200, body]);
        const { observed, ...rest } = await asked.outcome();
        expect(rest).toEqual({ type: "completed", bytes: body.length });
        seen.push(`completed, ${observed}`);
      }
      const [text, stream] = seen;
      return text === stream ? `${text}` : `text: ${text}; stream: ${stream}`;
    },
  },
  {
    key: "flowing",
    title: "the client leaves while data flows",
    run: (app, patience) => leave(app, "endless", patience),
  },
  {
    key: "idle",
    title: "the client leaves while the source is idle",
    run: (app, patience) => leave(app, "idle", patience),
  },
  {
    key: "error",
    title: "the source fails",
    async run(app, patience) {
      const asked = app.ask("fails", { patience });
      // Some servers cut the connection before the head has left.
      const exchange = asked.exchange.catch(() => undefined);
      expect(await asked.outcome()).toMatchObject({ type: "errored", why: "Error: source failed" });
      (await exchange)?.socket.destroy();
      return "errored";
    },
  },
  {
    key: "head",
    title: "`HEAD`",
    async run(app, patience) {
      const asked = app.ask("pieces", { method: "HEAD", patience });
      const exchange = await asked.exchange;
      expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([200, 0]);
      const { type, observed } = await asked.outcome();
      expect(type).not.toBe("errored");
      await asked.released();
      return type === "completed" ? `${type}, ${observed}` : type;
    },
  },
  {
    key: "rewrap",
    title: "its hook adds a header",
    async run(app, patience) {
      const asked = app.ask("pieces", { rewrap: true, patience });
      const exchange = await asked.exchange;
      expect(exchange.headers["x-rewrapped"]).toBe("yes");
      expect([exchange.status, String(await exchange.readAll())]).toEqual([200, pieces]);
      const { observed, ...rest } = await asked.outcome();
      expect(rest).toEqual({ type: "completed", bytes: pieces.length });
      return `completed, ${observed}`;
    },
  },
];

async function leave(app: Running, name: "endless" | "idle", patience: number): Promise<string> {
  const asked = app.ask(name, { patience });
  const exchange = await asked.exchange;
  await exchange.readAtLeast(3_000);
  exchange.socket.resetAndDestroy();
  expect(await asked.released()).toBe("canceled");
  expect(await asked.outcome()).toMatchObject({ type: "canceled" });
  return "canceled";
}
