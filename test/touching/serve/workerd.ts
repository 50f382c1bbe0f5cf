import * as adapter from "../../../adapters/cloudflare.ts";
import { createFetch } from "../app.ts";

const fetch = createFetch(adapter);

export default {
  async fetch(...all: [request: Request, env: unknown, ctx: unknown]): Promise<Response> {
    try {
      return await fetch(...all);
    } catch {
      return new Response("failed", { status: 500 });
    }
  },
};
