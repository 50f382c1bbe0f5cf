import { createMiddleware } from "@solidjs/start/middleware";

export default createMiddleware({
  onBeforeResponse(event, { body }) {
    if (new URL(event.request.url).searchParams.has("rewrap")) body.headers.set("x-rewrapped", "yes");
  },
});
