// The Worker of bench/cloudflare.ts: /<content>/<candidate>.
import { type Outcome, ResponseThen, withResponseThen } from "../adapters/cloudflare.ts";

interface Env {
  /** Where there is a large body. */
  UPSTREAM: string;
}

/** By path: how many callbacks ran, and how many bytes they were told of. */
const told: Record<string, { callbacks: number; bytes: number }> = {};

function count(path: string): (outcome: Outcome) => void {
  told[path] ??= { callbacks: 0, bytes: 0 };
  const entry = told[path];
  return ({ type, bytes }) => {
    if (type !== "completed") return;
    entry.callbacks++;
    entry.bytes += bytes;
  };
}

const TEXT = "Hello, world";

async function answer(request: Request, env: Env): Promise<Response> {
  const path = new URL(request.url).pathname;
  switch (path) {
    case "/string/plain":
      return new Response(TEXT);
    case "/string/alone":
    case "/string/wrapped":
      return new ResponseThen(TEXT, count(path));
    case "/native/plain":
      return fetch(env.UPSTREAM);
    case "/native/alone":
    case "/native/wrapped":
      return ResponseThen.from(await fetch(env.UPSTREAM), count(path));
    case "/native/folk": {
      const response = await fetch(env.UPSTREAM);
      const ended = count(path);
      let bytes = 0;
      const watch = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          bytes += chunk.byteLength;
          controller.enqueue(chunk);
        },
        flush: () => ended({ type: "completed", bytes } as Outcome),
      });
      return new Response(response.body?.pipeThrough(watch) ?? null, response);
    }
    default:
      return Response.json(told);
  }
}

const wrapped = withResponseThen(answer);

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    request.url.endsWith("/wrapped") ? wrapped(request, env) : answer(request, env),
};
