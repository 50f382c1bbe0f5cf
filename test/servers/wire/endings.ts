import { BUN } from "./differences/difference.ts";
import type { Way } from "./differences/index.ts";
import type { Exchange } from "./raw-client.ts";
import type { Asking } from "./requests.ts";

/** The servers whose handler gets a ServerResponse, and that see no handler of ours throw. */
const OUTGOING: readonly string[] = ["Fastify", "Express"];
/** Who cancels the body of a response to a HEAD instead of reading it. */
const CANCELS_HEAD: readonly string[] = [...BUN, "srvx on Node", "Express"];
const CANCELS_HEAD_OF_STREAMS: readonly string[] = ["Deno.serve", "srvx on Deno"];

/** What the callbacks should have seen: the type and the bytes of the body without us, once for each answer of ours. */
export function expectedEndings(
  server: string,
  way: Way,
  { method }: Asking,
  name: string,
  without: Exchange,
  ours: Exchange,
): string[] {
  // A plain response without a callback.
  if (way === "untouched") return [];
  const type = typeOf(server, way, method, name);
  if (type === undefined) return [];
  const bytes = (i: number) => {
    const { byteLength = 0 } = without.answers[i]?.body ?? {};
    // Of a plain fixed body Bun tells the exact length up to there.
    const unknown = way === "callback" && BUN.includes(server) && !name.includes("stream") && byteLength >= 512;
    return unknown ? 0 : byteLength;
  };
  return ours.answers.map((_, i) => (type === "completed" && method !== "HEAD" ? `${type} ${bytes(i)}` : type));
}

function typeOf(server: string, way: Way, method: string, name: string): string | undefined {
  if (name === "throws" || name === "rejects") {
    return way === "callback" && !OUTGOING.includes(server) ? "errored" : undefined;
  }
  if (name === "stream that fails") return "errored";
  const hasBody = !["no body", "204", "304", "redirect"].includes(name);
  if (way !== "class" || method !== "HEAD" || !hasBody) return "completed";
  if (CANCELS_HEAD.includes(server)) return "canceled";
  return CANCELS_HEAD_OF_STREAMS.includes(server) && name.startsWith("stream") ? "canceled" : "completed";
}
