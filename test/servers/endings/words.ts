import type { Server } from "./servers.ts";
import type { CallbackEvent } from "./visit.ts";

/**
 * What a callback is told: everywhere the same, or by a server and `alone` or `adapter` (`"Hono on HTTP/2, alone"`), by a
 * family of servers, by the way, and at last `alone` or by the runtime of the adapter. `; or ` is between what it is by
 * chance.
 */
export type Words = string | Readonly<Record<string, string>>;

/** The words for the class alone and for the adapters of the runtimes. */
export function words(alone: string, node: string, bun: string = node, deno: string = bun): Record<string, string> {
  return { alone, node, bun, deno };
}

/** What is expected of a server on one of its ways; `undefined` where there is no such thing. */
export function wordsFor(words: Words, { name, family, runtime }: Server, way: string): string | undefined {
  if (typeof words === "string") return words;
  const kind = way === "alone" ? "alone" : "adapter";
  const keys = [`${name}, ${kind}`, `${family}, ${kind}`, way, kind, kind === "adapter" ? runtime : ""];
  const key = keys.find((key) => words[key] !== undefined);
  return key === undefined ? undefined : words[key];
}

/**
 * Puts what a callback was told in words. The bytes are among them where they are not what the rest says: all of a
 * completed body, none before the body, some in the middle of it.
 *
 * @param total The bytes of the whole body.
 */
export function wordsOf(event: CallbackEvent, total: number): string {
  const { type, phase, observed, bytes, reason } = event;
  // To a HEAD, of which the total is 0, a server may read some of a body that it does not send.
  const some = total === 0 ? bytes > 0 : bytes > 0 && bytes < total;
  const usual = type === "completed" ? bytes === total : phase === "before-body" ? bytes === 0 : some;
  return [
    phase === undefined ? type : `${type} ${phase}`,
    observed,
    ...(reason === "AbandonedError" ? ["abandoned"] : []),
    ...(usual ? [] : [`${bytes.toLocaleString("en")} bytes`]),
  ].join(", ");
}
