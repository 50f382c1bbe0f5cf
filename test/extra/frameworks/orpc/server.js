import { serve } from "@hono/node-server";
import { RPCHandler } from "@orpc/server/fetch";
import { ResponseHeadersPlugin } from "@orpc/server/plugins";
import { ResponseThen, withResponseThen } from "response-then/node";
import { tell } from "../harness/answers.ts";
import { router } from "./router.js";
import { fetch } from "./sample.js";

const handler = new RPCHandler(router, {
  plugins: [new ResponseHeadersPlugin()],
  interceptors: [
    ({ context, next }) => {
      if (context.rewrap) context.resHeaders.set("x-rewrapped", "yes");
      return next();
    },
  ],
});

const answers = withResponseThen(async (request) => {
  const { searchParams } = new URL(request.url);
  const context = { id: searchParams.get("id"), rewrap: searchParams.has("rewrap") };
  const { response } = await handler.handle(request, { prefix: "/answers", context });
  return ResponseThen.from(response ?? new Response(null, { status: 404 }), (outcome) => tell(context.id, outcome));
});

serve({
  fetch: (request, env) => (request.url.includes("/answers/") ? answers(request, env) : fetch(request, env)),
  port: 3000,
});
