import { createMiddleware } from "@solidjs/start/middleware";

async function rewrapped(event, next) {
  const response = await next();
  if (!event.url.searchParams.has("rewrap")) return response;
  const again = new Response(response.body, response);
  again.headers.set("x-rewrapped", "yes");
  return again;
}

export default createMiddleware([rewrapped]);
