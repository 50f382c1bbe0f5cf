import { env } from "cloudflare:workers";
import { ResponseThen as Plain } from "response-then";
import { ResponseThen as Bound, withResponseThen } from "response-then/cloudflare";

/** Writes the outcome after 300 ms: the runtime stops what nobody waits for. */
const answer = (Class, { searchParams }) =>
  new Class("Hello", async ({ type }) => {
    await scheduler.wait(300);
    await env.TOLD.put(searchParams.get("id"), type);
  });

const wrapped = withResponseThen((request) => answer(Plain, new URL(request.url)));

export default {
  async fetch(request, ...rest) {
    const url = new URL(request.url);
    switch (url.pathname) {
      case "/plain":
        return answer(Plain, url);
      case "/cloudflare":
        return answer(Bound, url);
      case "/wrapped":
        return wrapped(request, ...rest);
      case "/same":
        return Response.json(Plain === Bound);
      default:
        return new Response(await env.TOLD.get(url.searchParams.get("id")));
    }
  },
};
