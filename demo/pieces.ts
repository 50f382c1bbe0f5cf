import { pause } from "./pause.ts";

const encoder = new TextEncoder();

/** A text that comes line by line; fails before the line `failAt`. */
export async function* lines(count: number, every: number, failAt?: number): AsyncGenerator<Uint8Array> {
  for (let line = 0; line < count; line++) {
    if (line === failAt) throw new Error("the source failed");
    await pause(every);
    yield encoder.encode(`line ${line + 1} of ${count}\n`);
  }
}

/** So many bytes, as fast as they are wanted. */
export async function* bytes(count: number): AsyncGenerator<Uint8Array> {
  const size = 65_536;
  for (let left = count; left > 0; left -= size) yield new Uint8Array(Math.min(size, left)).fill(120);
}
