import { ResponseThen, withResponseThen } from "../../adapters/cloudflare.ts";
import { createFetch } from "./app.ts";
import { unhandled } from "./books.ts";

addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  unhandled();
});

const fetch = createFetch(ResponseThen, withResponseThen);

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      return await fetch(request);
    } catch {
      return new Response("failed", { status: 500 });
    }
  },
};
