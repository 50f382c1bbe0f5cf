import { sequence } from "astro:middleware";
import { onRequest as ended } from "./sample/middleware.js";

async function rewrapped({ url }, next) {
  const response = await next();
  if (!url.searchParams.has("rewrap")) return response;
  const again = new Response(response.body, response);
  again.headers.set("x-rewrapped", "yes");
  return again;
}

export const onRequest = sequence(ended, rewrapped);
