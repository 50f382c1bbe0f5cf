// What is tried of each framework, over real sockets. A row fulfils with the words of its cell in docs/frameworks.md.
import { expect } from "vitest";
import { PIECES, TEXT } from "./answers.ts";
import type { Running } from "./running.ts";

export type RowKey = "end" | "flowing" | "idle" | "error" | "head" | "rewrap";

export interface Row {
  readonly key: RowKey;
  /** The head of its column. */
  readonly title: string;
  run(app: Running, patience: number, bodies: Bodies): Promise<string>;
}

/** What is sent for `/answers/text` and `/answers/pieces`. */
export type Bodies = Readonly<Record<"text" | "pieces", string>>;

export const BODIES: Bodies = { text: TEXT, pieces: PIECES.join("") };

export const rows: readonly Row[] = [
  {
    key: "end",
    title: "read to the end",
    async run(app, patience, bodies) {
      const seen: string[] = [];
      for (const name of ["text", "pieces"] as const) {
        const body = bodies[name];
        const asked = app.ask(name, { patience });
        expect([(await asked.head()).status, await asked.text()]).toEqual([200, body]);
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
      expect(await asked.outcome()).toMatchObject({ type: "errored", why: "Error: source failed" });
      await asked.close();
      return "errored";
    },
  },
  {
    key: "head",
    title: "`HEAD`",
    async run(app, patience) {
      const asked = app.ask("pieces", { method: "HEAD", patience });
      expect([(await asked.head()).status, await asked.text()]).toEqual([200, ""]);
      const { type, observed } = await asked.outcome();
      expect(type).not.toBe("errored");
      await asked.released();
      return type === "completed" ? `${type}, ${observed}` : type;
    },
  },
  {
    key: "rewrap",
    title: "its hook adds a header",
    async run(app, patience, { pieces }) {
      const asked = app.ask("pieces", { rewrap: true, patience });
      const { status, headers } = await asked.head();
      expect([status, headers["x-rewrapped"], await asked.text()]).toEqual([200, "yes", pieces]);
      const { observed, ...rest } = await asked.outcome();
      expect(rest).toEqual({ type: "completed", bytes: pieces.length });
      return `completed, ${observed}`;
    },
  },
];

async function leave(app: Running, name: "endless" | "idle", patience: number): Promise<string> {
  const asked = app.ask(name, { patience });
  await asked.leave();
  expect(await asked.released()).toBe("canceled");
  expect(await asked.outcome()).toMatchObject({ type: "canceled" });
  return "canceled";
}
