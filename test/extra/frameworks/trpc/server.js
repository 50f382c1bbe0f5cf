import { serve } from "@hono/node-server";
import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { ResponseThen, withResponseThen } from "response-then/node";
import { tell } from "../harness/answers.ts";
import { router } from "./router.js";
import { fetch } from "./sample.js";

const answers = withResponseThen(async (req) => {
  const { searchParams } = new URL(req.url);
  const id = searchParams.get("id");
  const response = await fetchRequestHandler({
    endpoint: "/answers",
    req,
    router,
    createContext: () => ({ id }),
    responseMeta: () => (searchParams.has("rewrap") ? { headers: new Headers({ "x-rewrapped": "yes" }) } : {}),
  });
  return ResponseThen.from(response, (outcome) => tell(id, outcome));
});

serve({
  fetch: (request, env) => (request.url.includes("/answers/") ? answers(request, env) : fetch(request, env)),
  port: 3000,
});
