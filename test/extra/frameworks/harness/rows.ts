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
        const { exchange, outcome } = await app.ask(name, { patience });
        expect([exchange.status, String(await exchange.readAll())]).toEqual([200, body]);
        const { observed, ...rest } = await outcome();
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
      // A server that waits for more than the first pieces answers 500, or cuts the connection before it answered.
      const { outcome, exchange } = await app.ask("fails", { patience });
      expect(await outcome()).toMatchObject({ type: "errored", why: "Error: source failed" });
      exchange.socket.destroy();
      return "errored";
    },
  },
  {
    key: "head",
    title: "`HEAD`",
    async run(app, patience) {
      const { exchange, outcome, released } = await app.ask("pieces", { method: "HEAD", patience });
      expect([exchange.status, (await exchange.readAll()).byteLength]).toEqual([200, 0]);
      const { type, observed } = await outcome();
      expect(type).not.toBe("errored");
      await released();
      return type === "completed" ? `${type}, ${observed}` : type;
    },
  },
  {
    key: "rewrap",
    title: "its hook adds a header",
    async run(app, patience) {
      const { exchange, outcome } = await app.ask("pieces", { rewrap: true, patience });
      expect(exchange.headers["x-rewrapped"]).toBe("yes");
      expect([exchange.status, String(await exchange.readAll())]).toEqual([200, pieces]);
      const { observed, ...rest } = await outcome();
      expect(rest).toEqual({ type: "completed", bytes: pieces.length });
      return `completed, ${observed}`;
    },
  },
];

async function leave(app: Running, name: "endless" | "idle", patience: number): Promise<string> {
  const { exchange, outcome, released } = await app.ask(name, { patience });
  await exchange.readAtLeast(3_000);
  exchange.socket.resetAndDestroy();
  expect(await released()).toBe("canceled");
  expect(await outcome()).toMatchObject({ type: "canceled" });
  return "canceled";
}
