// The route handler of Next's app, /<way>/<content>.
import { after } from "next/server.js";
import { ResponseThen, withResponseThen } from "response-then/next";
import { answerOf, commonWays, createFetch, type Way } from "../app.ts";

const { plain, alone } = commonWays(ResponseThen) as Record<"plain" | "alone", Way>;

export const GET: Way = createFetch({
  plain,
  alone,
  wrapped: withResponseThen(alone),
  after(request: Request) {
    const { body, tell } = answerOf(request.url);
    after(() => tell(""));
    return new Response(body());
  },
});
