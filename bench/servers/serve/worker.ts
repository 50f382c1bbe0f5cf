// The Worker that workerd.ts runs: what it answers with it learns from its bindings.
import * as adapter from "../../../dist/adapters/cloudflare.js";
import { count, counted, type Handler, handlerOf, told, type Way } from "./answers.ts";

interface Env {
  readonly CONTENT: string;
  readonly WAY: string;
  /** Where there is a large body. */
  readonly UPSTREAM: string;
}

type Fetch = (request: Request, env: Env, context: unknown) => Response | Promise<Response>;

const { ResponseThen, withResponseThen } = adapter;

/** Passes on what another server answers. */
function passOn(way: Way, url: string): Handler {
  const ways: Partial<Record<Way, Handler>> = {
    plain: () => fetch(url),
    alone: async () => ResponseThen.from(await fetch(url), count),
    adapter: withResponseThen(async () => ResponseThen.from(await fetch(url), count)),
    transform: async () => {
      const response = await fetch(url);
      return new Response(counted(response.body as ReadableStream<Uint8Array<ArrayBuffer>>), response);
    },
  };
  return ways[way] as Handler;
}

let handler: Fetch | undefined;

export default {
  fetch(request: Request, env: Env, context: unknown): Response | Promise<Response> {
    handler ??= (
      env.CONTENT === "upstream" ? passOn(env.WAY as Way, env.UPSTREAM) : handlerOf(env.CONTENT, env.WAY, adapter)
    ) as Fetch;
    return handler(request, env, context);
  },
};

/** On a socket of its own: the handler that is measured looks at no URL. */
export const control = { fetch: (): Response => Response.json(told) };
