import { ResponseThen, withResponseThen } from "../../../adapters/cloudflare.ts";
import { createFetch, type Wrap } from "../app.ts";
import { honoWays } from "../hono-ways.ts";

const fetch = createFetch(ResponseThen, withResponseThen as Wrap, honoWays(ResponseThen));

export default {
  async fetch(...all: [request: Request, env: unknown, ctx: unknown]): Promise<Response> {
    try {
      return await fetch(...all);
    } catch {
      return new Response("failed", { status: 500 });
    }
  },
};
