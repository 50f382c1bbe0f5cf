import { sequence } from "@sveltejs/kit/hooks";
import { handle as ended } from "./sample/hooks.server.js";

async function rewrapped({ event, resolve }) {
  const response = await resolve(event);
  if (!event.url.searchParams.has("rewrap")) return response;
  const again = new Response(response.body, response);
  again.headers.set("x-rewrapped", "yes");
  return again;
}

export const handle = sequence(ended, rewrapped);
