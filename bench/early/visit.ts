import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { send } from "../../test/client.ts";
import type { Told } from "../peers/serve/app.ts";
import { areXs } from "../xs.ts";

/** What a client saw of an answer. */
export interface Visit {
  /** The true end: when the client read the last byte, or reset the connection. In ms since the epoch. */
  readonly end: number;
  /** When it had read how many bytes. */
  readonly read: readonly (readonly [at: number, bytes: number])[];
}

/** Where a client stops, and what it does then. */
export interface Manner {
  /** How many bytes it reads at first; all when there is none. */
  readonly first?: number;
  /** How long it stops then, in ms. */
  readonly stop?: number;
  /** Whether it resets the connection instead of reading on. */
  readonly leaves?: boolean;
}

/** Asks for an answer of `bytes` bytes, each an x, and reads it in its own manner. */
export async function visit(url: URL, bytes: number, { first, stop = 0, leaves = false }: Manner): Promise<Visit> {
  const { status, message, socket } = await send(url);
  assert.equal(status, 200, `the status of ${url.pathname}`);
  const read: [number, number][] = [];
  let count = 0;
  await new Promise<void>((resolve, reject) => {
    let stopped = false;
    message.on("error", reject).on("end", resolve);
    message.on("data", async (data: Buffer) => {
      count += data.byteLength;
      read.push([Date.now(), count]);
      if (!areXs(data)) reject(new Error(`the body of ${url.pathname} is wrong`));
      if (stopped || first === undefined || count < first) return;
      stopped = true;
      message.pause();
      await pause(stop);
      if (!leaves) return void message.resume();
      message.off("error", reject).on("error", () => {});
      socket.resetAndDestroy();
      read.push([Date.now(), count]);
      resolve();
    });
  });
  if (!leaves) assert.equal(count, bytes, `the bytes of ${url.pathname}`);
  return { end: read.at(-1)?.[0] ?? 0, read };
}

/** What the callbacks of a request wrote down, as soon as there is something; nothing when there is not within `ms`. */
export async function toldOf(origin: string, id: string, ms: number): Promise<readonly Told[]> {
  const until = Date.now() + ms;
  for (;;) {
    const told: Told[] = await (await fetch(`${origin}/told?id=${id}`)).json();
    if (told.length > 0 || Date.now() > until) return told;
    await pause(50);
  }
}
