import { ResponseThen, withResponseThen } from "../../../dist/adapters/cloudflare.js";
import { answerOf, commonWays, createFetch, type Way } from "./app.ts";

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

const { wrapped, ...ways } = commonWays(ResponseThen, (handler) => withResponseThen(handler) as Way);

export default {
  fetch: createFetch({
    ...ways,
    wrapped: wrapped as Way,
    promise(request: Request, _env: unknown, context: Context) {
      const { body, tell } = answerOf(request.url);
      context.waitUntil(Promise.resolve("").then(tell));
      return new Response(body());
    },
  }),
};
